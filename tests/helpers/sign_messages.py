#!/usr/bin/python3
"""Signs messages with dkimsign, in all canonicalizations by turns, and looks at what comes out.

usage: sign_messages.py KEYS ZONE MESSAGES DIRECTORY

KEYS are options of dkimsign for two keys, RSA and Ed25519, that ZONE has. Each file of MESSAGES
becomes one of DIRECTORY. Both signatures must pass before dkimverify, what is behind them must be
the message, and no line of them may be wider than 78 columns. Prints a line for each that is not so.
"""
import os
import re
import subprocess
import sys

TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SIGN = os.path.join(TREE, 'dkimsign', 'dkimsign')
VERIFY = os.path.join(TREE, 'dkimverify', 'dkimverify')
CANONICALIZATIONS = ['relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple']
PASSED = re.compile(r'dkim=pass .*a=rsa-sha256.*\ndkim=pass .*a=ed25519-sha256.*\n')
COLUMNS_MAX = 78


def run(command, data):
    """Exit status, standard output and standard error."""
    ran = subprocess.run(command, input=data, capture_output=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr.decode(errors='replace')


def faults(message, signed, status, said, zone):
    """What is wrong with a signed message."""
    if status != 0:
        yield 'dkimsign: status %d %s' % (status, said)
    if not signed.endswith(message):
        yield 'changed'
    added = signed[:len(signed) - len(message)].decode(errors='replace')
    if any(len(line.rstrip('\r').expandtabs()) > COLUMNS_MAX for line in added.split('\n')):
        yield 'wide'
    status, verdicts, said = run([VERIFY, '-n', '-z', zone], signed)
    if status != 0 or not PASSED.fullmatch(verdicts.decode(errors='replace')):
        yield 'dkimverify: status %d %r %s' % (status, verdicts, said)


def main(keys, zone, messages, directory):
    """All files."""
    for number, name in enumerate(sorted(os.listdir(messages))):
        with open(os.path.join(messages, name), 'rb') as stream:
            message = stream.read()
        canonicalization = CANONICALIZATIONS[number % len(CANONICALIZATIONS)]
        status, signed, said = run([SIGN, '-c', canonicalization] + keys.split(), message)
        with open(os.path.join(directory, name), 'wb') as stream:
            stream.write(signed)
        for fault in faults(message, signed, status, said, zone):
            print('%s, %s: %s' % (name, canonicalization, fault))


if __name__ == '__main__':
    main(*sys.argv[1:])
