#!/usr/bin/python3
"""Runs the validation tests of a public ARC suite through dkimverify --arc: arc_suite.py FILE

The suite is ValiMail's arc_test_suite: messages, DNS and the wanted state of the chain. It was written for
drafts of RFC 8617 and has keys and signatures that RFC 8301 does not allow any more. What differs is
listed with a reason in EXPLAINED, and any other difference is a failure. Output is TAP.
"""
import os
import re
import subprocess
import sys
import tempfile

import yaml

# Test: what comes out, and why
EXPLAINED = {
    'cv_fail_i1_as_cv_fail': ('fail', 'a seal that says cv=fail ends the chain (RFC 8617 5.2, step 2)'),
    'cv_fail_i2_as2_fail': ('fail', 'a seal that says cv=fail ends the chain (RFC 8617 5.2, step 2)'),
    'cv_fail_i2_as1_fail': ('fail', 'the first seal says cv=none (RFC 8617 5.2, step 3)'),
    'ams_fields_c_na': ('fail', 'without c= it is simple/simple (RFC 8617 4.1.2, RFC 6376 3.5)'),
    'ams_fields_h_empty': ('fail', 'h= has at least one name, and From among them (RFC 6376 3.5, 5.4)'),
    'ams_fields_h_mis_hdr': ('fail', 'h= has no empty names (RFC 6376 3.5)'),
}


def zone(records):
    lines = []
    for name, text in (records or {}).items():
        text = str(text)
        parts = [text[i:i + 200] for i in range(0, len(text), 200)] or ['']
        quoted = ' '.join('"%s"' % p.replace('\\', '\\\\').replace('"', '\\"') for p in parts)
        lines.append('%s. TXT %s' % (name.rstrip('.'), quoted))
    return '\n'.join(lines) + '\n'


def run(message, records):
    with tempfile.NamedTemporaryFile('w', suffix='.zone') as file:
        file.write(zone(records))
        file.flush()
        done = subprocess.run(['dkimverify', '-n', '--arc', '-t', '1500000000', '-z', file.name], input=message.encode(),
                              capture_output=True)
    found = re.findall(r'^arc=(\S+)(.*)$', done.stdout.decode(), re.M)
    return found[0] if found else ('?', done.stderr.decode())


def main():
    number = failures = 0
    for suite in yaml.safe_load_all(open(sys.argv[1])):
        records = suite.get('txt-records')
        for name, test in suite['tests'].items():
            wanted = str(test['cv']).lower()
            wanted = {'none': 'none', 'pass': 'pass', 'fail': 'fail', '': 'none'}.get(wanted, wanted)
            if not test['message'].strip():
                continue
            got, why = run(test['message'], records)
            number += 1
            good = got == wanted or EXPLAINED.get(name, ('', ''))[0] == got
            failures += not good
            print('%sok %d - %s: %s%s' % ('' if good else 'not ', number, name, wanted,
                                          '' if got == wanted else ', but ' + got + ': ' + EXPLAINED.get(name, ('', why))[1]))
    print('1..%d' % number)
    return failures != 0


sys.exit(main())
