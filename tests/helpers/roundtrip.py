#!/usr/bin/python3
"""Every byte that goes in comes out: generated messages through each filter, alone and in a stream.

usage: roundtrip.py COUNT SEED TOOL [ARGUMENT...]

Own fields stand on top of the output; what is behind them must be the input. What comes out of a
stream must be the same as what comes out of a process for one message, but for the seal.
Prints the seed of a message that is not, and exits 1.
"""
import random
import re
import subprocess
import sys

from frames import Stage, value

OWN = re.compile(rb'(?:(?:Received-SPF|Authentication-Results|DKIM-Signature|X-Malformed-Header):[^\n]*\n'
                 rb'(?:[ \t][^\n]*\n)*)+')
# The seal of a tool that runs alone, on a message without a border; in a stream there is none.
SEAL = re.compile(rb'(?m)^Authentication-Results: [^;\n]*;\s+x-assay-run=[^\n]*\n(?:[ \t][^\n]*\n)*')
NAMES = [b'From', b'To', b'Subject', b'Received', b'DKIM-Signature', b'X-Long', b'Date',
         b'Authentication-Results', b'ARC-Authentication-Results', b'x-odd ', b'']
SPECIAL = [b'\0', b'\r', b'\x80\xff', b'\xc3\xa4', b'\t', b' ', b':', b'"', b'(', b';', b'=']


def text(rand, length):
    """Printable bytes with something special now and then."""
    out = bytearray()
    while len(out) < length:
        if rand.random() < 0.03:
            out += rand.choice(SPECIAL)
        else:
            out += bytes([rand.randrange(33, 127)])
    return bytes(out)


def field(rand, end):
    """One header field, folded at times, not always well-formed."""
    value = text(rand, rand.choice([0, 1, 20, 60, 200]))
    while rand.random() < 0.3:
        value += end() + rand.choice([b' ', b'\t', b' \t ']) + text(rand, 20)
    if rand.random() < 0.03:
        return value + end()
    return rand.choice(NAMES) + b': ' + value + end()


def line_ends(rand):
    """A function that gives the line ends of one message."""
    style = rand.choice([[b'\n'], [b'\r\n'], [b'\n', b'\r\n'], [b'\n', b'\r\n', b'\r']])
    return lambda: rand.choice(style)


def header(rand, end):
    kind = rand.random()
    if kind < 0.01:
        return b'X-Huge: ' + text(rand, 1000).ljust(1 << 20, b'h') + end()
    if kind < 0.02:
        return b''.join(b'X-%d: %d' % (n, n) + end() for n in range(10000))
    if kind < 0.025:
        return b'X-Line: ' + b'l' * (5 << 20) + end()
    fields = [field(rand, end) for _ in range(rand.randrange(0, 12))]
    if rand.random() < 0.5:  # then dkimsign signs
        fields.insert(rand.randrange(len(fields) + 1), b'From: alice@example.org' + end())
    if rand.random() < 0.05:
        fields.insert(0, rand.choice([b' continued', b'no field', b'\tx: y', b':']) + end())
    return b''.join(fields)


def body(rand, end):
    kind = rand.random()
    if kind < 0.1:
        return b''
    if kind < 0.11:
        return b'b' * (5 << 20)
    if kind < 0.13:
        return b''.join(text(rand, 70) + end() for _ in range(500)) * 40
    lines = [text(rand, rand.choice([0, 0, 1, 70, 990])) + end()
             for _ in range(rand.randrange(1, 20))]
    out = b''.join(lines)
    return out.rstrip(b'\r\n') if rand.random() < 0.2 else out


def message(rand):
    end = line_ends(rand)
    head = header(rand, end)
    if rand.random() < 0.07:
        return head.rstrip(b'\r\n') if rand.random() < 0.5 else head
    return head + end() + body(rand, end)


def without_own(output, original):
    """The output behind the fields that were added; they are as many as it takes."""
    added = len(output) - len(original)
    own = OWN.match(output[:added])
    return output[added:] if own and own.end() == added else output


ATTRIBUTES = {'-i': 'client_address', '-H': 'helo_name', '-f': 'sender'}


def in_stream(command):
    """The same tool with --stream, and the attributes that its envelope options are."""
    words, attributes = [command[0], '--stream'], {}
    rest = iter(command[1:])
    for word in rest:
        if word in ATTRIBUTES:
            attributes[ATTRIBUTES[word]] = next(rest)
        else:
            words.append(word)
    return Stage(words), attributes or {'queue_id': '4X'}


def main():
    count, seed, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    stage, attributes = in_stream(command)
    done = 0
    number = seed
    while done < count:
        number += 1
        original = message(random.Random(number))
        if not original:
            continue
        done += 1
        ran = subprocess.run(command, input=original, capture_output=True, check=False)
        if ran.returncode != 0 or without_own(ran.stdout, original) != original:
            print('# message %d: status %d, %d octets in, %d out: %s' % (
                number, ran.returncode, len(original), len(ran.stdout),
                ran.stderr.decode('latin-1').strip()))
            return 1
        found, streamed = stage.ask(original, attributes)
        if streamed != SEAL.sub(b'', ran.stdout, count=1):
            print('# message %d: alone %d octets, in a stream %d; status %s' % (
                number, len(ran.stdout), len(streamed), value(found, 'status')))
            return 1
    return stage.end()


sys.exit(main())
