#!/usr/bin/python3
"""Passes a message on as forwarders do, each with an ARC set made by dkimpy.

usage: arc_seal.py KEYFILE SEALER... <MESSAGE

Each SEALER is a domain, perhaps with what its Authentication-Results say behind a "=", by default
dmarc=pass header.from=example.org. The selector is "arc".
"""
import sys

import dkim

key = open(sys.argv[1], 'rb').read()
message = sys.stdin.buffer.read()
for sealer in sys.argv[2:]:
    domain, _, found = sealer.partition('=')
    found = found or 'dmarc=pass header.from=example.org'
    name = 'mx.' + domain
    message = b'\n'.join(line for line in message.split(b'\n') if not line.startswith(b'Authentication-Results:'))
    results = 'Authentication-Results: %s; %s' % (name, found)
    if b'\nARC-Seal:' in b'\n' + message:
        results += '; arc=pass'
    message = results.encode() + b'\n' + message
    fields = dkim.arc_sign(message, b'arc', domain.encode(), key, name.encode(),
                           include_headers=[b'from', b'to', b'subject', b'date'])
    message = b''.join(field.replace(b'\r\n', b'\n') for field in fields) + message
sys.stdout.buffer.write(message)
