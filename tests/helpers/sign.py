#!/usr/bin/python3
"""Signs the message on stdin with dkimpy.

usage: sign.py HEADER/BODY SELECTOR DOMAIN KEYFILE [ALGORITHM]

KEYFILE is a PEM file for rsa-sha256, base64 of the 32 octets for ed25519-sha256.
"""
import sys

import dkim

canonicalization, selector, domain, keyfile = (a.encode() for a in sys.argv[1:5])
algorithm = sys.argv[5].encode() if len(sys.argv) > 5 else b'rsa-sha256'
message = sys.stdin.buffer.read()
signature = dkim.sign(message, selector, domain, open(keyfile, 'rb').read().strip(),
                      canonicalize=tuple(canonicalization.split(b'/')),
                      signature_algorithm=algorithm)
if b'\r\n' not in message:
    signature = signature.replace(b'\r\n', b'\n')
sys.stdout.buffer.write(signature + message)
