#!/usr/bin/python3
"""Changes one letter or digit of a signed message after the other.

usage: change_bytes.py STEP FILE COMMAND...     every STEPth of them

Prints each position at which the message still passes. The value of b= is left out: it is the
signature itself, and its last character has bits that mean nothing.
"""
import re
import subprocess
import sys

message = open(sys.argv[2], 'rb').read()
signature = re.search(rb'\bb=[A-Za-z0-9+/=\s]*', message)

signed = [at for at, byte in enumerate(message)
          if chr(byte).isascii() and chr(byte).isalnum() and
          not signature.start() + 2 <= at < signature.end()]
for at in signed[::int(sys.argv[1])]:
    other = b'0' if message[at] != ord('0') else b'1'
    changed = message[:at] + other + message[at + 1:]
    ran = subprocess.run(sys.argv[3:], input=changed, capture_output=True, check=False)
    if ran.returncode == 0 or b'=pass' in ran.stdout:
        print('octet %d: %r' % (at, message[max(0, at - 20):at + 20]))
