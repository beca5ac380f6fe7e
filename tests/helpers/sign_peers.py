#!/usr/bin/python3
"""Signs bodies that are hard to canonicalize with dkimsign and has them verified by everybody.

usage: sign_peers.py KEYS DOMAIN ZONE DIRECTORY [COLLECTION]

KEYS are options of dkimsign, ZONE has the keys for dkimverify and dkimpy; Mail::DKIM and opendkim
ask the name server of the machine. With a COLLECTION (see dkim_corpus.py) its bodies are taken,
too. Each body is signed in all canonicalizations, with LF or with CRLF. dkimverify must let all
of them pass, and bh= must be what a plain reading of RFC 6376 section 3.4 gives. A peer may
fail only where PEERS says what it does wrong. Prints TAP.
"""
import base64
import collections
import glob
import hashlib
import os
import re
import subprocess
import sys

import dkim

TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CANONICALIZATIONS = ['relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple']
HEADER = (b'From: Alice <alice@example.org>\nTo: bob@example.net\nSubject: a  subject\n'
          b'Date: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n\n')
BODIES = [
    b'', b'\n', b'\n\n\n', b' ', b'\t', b' \n', b' \n\t\n \t \n', b'\n \n', b' \n\n\n', b'text',
    b'text\n', b'text\n\n\n\n', b'text ', b'text \t', b'text \n', b'text\t\n \n', b'text\n ',
    b'text\n\n \n\t', b'\ntext\n', b'\n\n text\n', b' text\n', b'\t\ttext\n', b'a  b\t\tc \t d\n',
    b'a\n\n\nb\n', b'a\n \n\t\nb\n', b'.\n', b'..\n.text\n.\n', b'From x\n>From y\n',
    b'\xc3\xa4 \xe6\x97\xa5\n', b'\xff\xfe\x80\n', b'a\x0b\x0c\x1f b\n', b'a\x0c\n', b'\xc2\xa0 a \n',
    b'a\rb\n', b'a \r b\n', b'\ra\n', b'a\r', b'a \r', b'a\n\r', b'a\x00b\n', b'\x00\n', b'x' * 998 + b'\n',
    b'x' * 5000 + b'\n', b'x y ' * 2000 + b'\n', b'a\n' * 3000, b'a \n' * 3000 + b'\n' * 3000,
    b' ' * 5000 + b'a\n', b'a' + b' ' * 5000, b'--b\nContent-Type: text/plain\n\n\n--b--\n',
]
Case = collections.namedtuple('Case', 'body canonicalization end path')


def lines_of(body):
    """The lines of a body; every LF and CRLF ends one, at the end of the body one may be missing."""
    lines = re.split(rb'\r?\n', body)
    return lines[:-1] if lines[-1] == b'' else lines


def body_hash(body, algorithm):
    """bh=, by the letter of RFC 6376 sections 3.4.3 and 3.4.4."""
    lines = lines_of(body)
    if algorithm == 'relaxed':
        lines = [re.sub(rb'[ \t]+', b' ', line.rstrip(b' \t')) for line in lines]
    while lines and lines[-1] == b'':
        lines.pop()
    text = b''.join(line + b'\r\n' for line in lines)
    if text == b'' and algorithm == 'simple':
        text = b'\r\n'
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def algorithm_of(case):
    return case.canonicalization.split('/')[1]


def is_open(case):
    """The last line has no line end: one is to be added."""
    return case.body != b'' and not case.body.endswith(b'\n')


# What the peers do wrong, and the cases in which it shows. Each of these cases passes before
# one of the other peers at least.
PEERS = {
    'dkimpy': [
        ('white space at the end of a body without line end is not removed (RFC 6376 3.4.4)',
         lambda case: algorithm_of(case) == 'relaxed' and is_open(case) and
         case.body[-1:] in b' \t'),
    ],
    'Mail::DKIM': [
        ('no CRLF is added to a body without line end (RFC 6376 3.4.3)',
         lambda case: algorithm_of(case) == 'simple' and is_open(case)),
    ],
    'opendkim': [
        ('a bare CR is changed; what it has signed itself fails, too (RFC 6376 3.4.3)',
         lambda case: re.search(rb'\r(?!\n)', case.body)),
        ('white space at the end of a body without line end is not removed (RFC 6376 3.4.4)',
         lambda case: algorithm_of(case) == 'relaxed' and
         re.search(rb'[^ \t\n][ \t]+\Z', case.body)),
        ('a body without line end is misread if its buffer of 1 KB ends badly', is_open),
    ],
}


def collection_bodies(directory):
    """The bodies of a collection, each once, with LF."""
    bodies = set()
    for path in glob.glob(os.path.join(directory, '**', '*.eml'), recursive=True):
        with open(path, 'rb') as message:
            parts = re.split(rb'\r?\n\r?\n', message.read(), maxsplit=1)
        bodies.add(parts[1].replace(b'\r\n', b'\n') if len(parts) > 1 else b'')
    return sorted(bodies)


def run(arguments, data=None):
    return subprocess.run(arguments, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)


def sign_all(keys, bodies, directory):
    """Every body in every canonicalization, half of them with CRLF, as files."""
    for number, body in enumerate(bodies):
        for form, canonicalization in enumerate(CANONICALIZATIONS):
            end = b'\r\n' if (number + form + form // 2) % 2 else b'\n'
            header, body_sent = HEADER.replace(b'\n', end), body.replace(b'\n', end)
            path = os.path.join(directory, '%d.%s.%s' % (
                number, canonicalization.replace('/', '-'), 'crlf' if len(end) == 2 else 'lf'))
            signed = run([os.path.join(TREE, 'dkimsign', 'dkimsign'), '-q', '-c',
                          canonicalization] + keys, header + body_sent)
            with open(path, 'wb') as output:
                output.write(signed.stdout)
            yield Case(body_sent, canonicalization, end, path)


def by_dkimverify(cases, zone):
    """The paths of the cases in which every signature passes, and bh= is right."""
    good = set()
    for case in cases:
        with open(case.path, 'rb') as message:
            text = message.read()
        answer = run([os.path.join(TREE, 'dkimverify', 'dkimverify'), '-n', '-z', zone], text)
        verdicts = answer.stdout.decode().splitlines()
        hashes = re.findall(r'bh=([^;]*);', re.sub(rb'\s', b'', text.split(b'\nFrom:')[0]).decode())
        wanted = body_hash(case.body, algorithm_of(case))
        if verdicts and all(verdict.startswith('dkim=pass ') for verdict in verdicts) and \
                hashes == [wanted] * len(verdicts):
            good.add(case.path)
    return good


def by_dkimpy(cases, zone):
    """The same for dkimpy, which has all keys from the zone."""
    records = {}
    with open(zone, encoding='ascii') as lines:
        for line in lines:
            name, rest = line.split(None, 1)
            records[name] = ''.join(re.findall('"([^"]*)"', rest)).encode()
    good = set()
    for case in cases:
        with open(case.path, 'rb') as message:
            text = message.read()
        count = text.split(b'\nFrom:')[0].count(b'DKIM-Signature:')
        try:
            passed = [dkim.DKIM(text).verify(
                idx=index, dnsfunc=lambda name, timeout=5: records.get(name.decode()))
                      for index in range(count)]
        except Exception:  # whatever it throws, it does not verify
            passed = [False]
        if passed and all(passed):
            good.add(case.path)
    return good


def by_mail_dkim(cases, _zone):
    """The same for Mail::DKIM; it knows Ed25519 only with another library."""
    answer = run(['perl', os.path.join(TREE, 'tests', 'helpers', 'verify.pl')] + [c.path for c in cases])
    return {line.split()[0] for line in answer.stdout.decode().splitlines()
            if 'rsa-sha256=pass' in line.split()[1:]}


def by_opendkim(cases, _zone):
    """The same for opendkim, which wants to know whether lines end with CRLF."""
    good = set()
    for case in cases:
        with open(case.path, 'rb') as message:
            text = message.read()
        flags = ['-C'] if case.end == b'\r\n' else []
        if run(['opendkim-testmsg'] + flags, text).returncode == 0:
            good.add(case.path)
    return good


class Tap:
    """Test points."""
    def __init__(self):
        self.count = 0
        self.failed = False

    def point(self, good, name, comments=()):
        self.count += 1
        self.failed |= not good
        print('%sok %d - %s' % ('' if good else 'not ', self.count, name))
        for comment in comments:
            print('# ' + comment)


def judge_peer(tap, peer, cases, good):
    """Failures of a peer, counted by what it does wrong; others must not be."""
    faults = collections.Counter()
    unexplained = []
    for case in cases:
        if case.path in good:
            continue
        names = [name for name, applies in PEERS[peer] if applies(case)]
        if names:
            faults[names[0]] += 1
        else:
            unexplained.append('%s %r' % (os.path.basename(case.path), case.body[:60]))
    tap.point(not unexplained, '%s: %d of %d pass, the others for its faults' % (
        peer, len(good), len(cases)), unexplained +
              ['%d: %s' % (count, name) for name, count in faults.items()])


def main():
    keys, zone, directory = sys.argv[1].split(), sys.argv[2], sys.argv[3]
    bodies = BODIES + (collection_bodies(sys.argv[4]) if len(sys.argv) > 4 else [])
    tap = Tap()
    cases = list(sign_all(keys, bodies, directory))
    good = by_dkimverify(cases, zone)
    tap.point(len(good) == len(cases), 'dkimverify: all %d pass, bh= is right' % len(cases),
              [os.path.basename(c.path) + ' %r' % c.body[:60] for c in cases if c.path not in good])
    somewhere = set()
    for peer, verify in (('dkimpy', by_dkimpy), ('Mail::DKIM', by_mail_dkim),
                         ('opendkim', by_opendkim)):
        good = verify(cases, zone)
        judge_peer(tap, peer, cases, good)
        somewhere |= good
    tap.point(len(somewhere) == len(cases), 'every case passes before a peer',
              [os.path.basename(c.path) for c in cases if c.path not in somewhere])
    print('1..%d' % tap.count)
    return 1 if tap.failed else 0


sys.exit(main())
