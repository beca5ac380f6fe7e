#!/usr/bin/python3
"""Writes generated messages that any mail program could have sent.

usage: messages.py COUNT SEED DIRECTORY

Files are named NUMBER.lf or NUMBER.crlf by the end of their lines. Bodies have everything that
canonicalization is about: white space at line ends and within lines, empty lines at the end,
no body at all; and 8-bit text.
"""
import random
import sys

WORDS = ['the', 'quick', 'Ümläut', 'fox', 'a;b', 'x=y', 'lorem', '日本', '"quoted"', '(c)', '=3D',
         '%41', '.', 'From', '--', 'DKIM-Signature:', 'l=5', '\\']
SPACES = [' ', ' ', ' ', '  ', '\t', ' \t ']


def phrase(rand, length):
    text = rand.choice(WORDS)
    for _ in range(length):
        text += rand.choice(SPACES) + rand.choice(WORDS)
    return text


def folded(rand, text):
    """The text with some of its white space turned into folds."""
    return ''.join('\n' + c if c in ' \t' and rand.random() < 0.1 and previous not in ' \t' else c
                   for previous, c in zip('x' + text, text))


def header(rand):
    ascii_phrase = folded(rand, phrase(rand, 12)).encode('ascii', 'replace').decode()
    fields = [
        'From: ' + rand.choice(['', 'Alice ', '"A. B." ']) + '<alice@example.org>',
        'To: bob@example.net',
        rand.choice(['Subject:', 'Subject: ', 'SUBJECT:\t']) + ascii_phrase,
        'Date: Mon, 23 Nov 2026 10:00:00 +0000',
        'Message-ID: <%d@example.org>' % rand.randrange(10 ** 9),
        'MIME-Version: 1.0',
        'Content-Type: text/plain;\n charset=utf-8',
        'Content-Transfer-Encoding: 8bit',
        'X-Other: ' + folded(rand, 'not signed at all'),
    ]
    if rand.random() < 0.3:
        fields += ['Resent-To: %d@example.net' % n for n in range(rand.randrange(1, 4))]
    if rand.random() < 0.3:
        fields.append('References:' + ''.join('\n <%d@example.org>' % n for n in range(20)))
    rand.shuffle(fields)
    received = 'Received: from a.example by b.example;\n\tMon, 23 Nov 2026 10:00:00 +0000\n'
    return received + '\n'.join(fields) + '\n'


def body(rand):
    if rand.random() < 0.1:
        return ''
    lines = []
    for _ in range(rand.randrange(1, 30)):
        line = '' if rand.random() < 0.2 else phrase(rand, rand.randrange(0, 15))
        lines.append(line + rand.choice(['', '', '', ' ', '\t', ' \t  ']))
    return 'start\n' + '\n'.join(lines) + '\n' * rand.randrange(1, 6)


def main():
    count, seed, directory = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rand = random.Random(seed)
    for number in range(count):
        text = header(rand) + '\n' + body(rand)
        end = rand.choice(['lf', 'crlf'])
        if end == 'crlf':
            text = text.replace('\n', '\r\n')
        with open('%s/%d.%s' % (directory, number, end), 'wb') as output:
            output.write(text.encode())


main()
