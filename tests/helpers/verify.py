#!/usr/bin/python3
"""Verifies messages with dkimpy, keys from a zone file.

usage: verify.py ZONE FILE...

Prints "FILE RESULT..." with one result for each signature.
"""
import re
import sys

import dkim

records = {}
for line in open(sys.argv[1], encoding='ascii'):
    name, rest = line.split(None, 1)
    records[name] = ''.join(re.findall('"([^"]*)"', rest)).encode()


def lookup(name, timeout=5):
    """What the zone has for a name."""
    return records.get(name.decode() if isinstance(name, bytes) else name)


for path in sys.argv[2:]:
    message = open(path, 'rb').read()
    header = re.split(rb'\r?\n\r?\n', message)[0]
    count = len(re.findall(rb'^DKIM-Signature:', header, re.M | re.I))
    results = []
    for index in range(count):
        good = dkim.DKIM(message).verify(idx=index, dnsfunc=lookup)
        results.append('pass' if good else 'fail')
    print(path, *results)
