#!/usr/bin/python3
"""Results that a stranger writes in our name, made from a table of kinds.

usage: forged_kinds.py ID VICTIM CLIENT SENDER DIRECTORY

Each kind becomes a file of DIRECTORY with header fields for the top of a message: each way to write
our authserv-id or to disguise it, each thing that a result can say, each field that pretends to be
our border or our seal. None of them may make a message from VICTIM pass. Prints how many they are.
"""
import os
import sys

ID, VICTIM, CLIENT, SENDER, DIRECTORY = sys.argv[1:]
AR = 'Authentication-Results: '
DKIM = 'dkim=pass header.d=%s header.s=s' % VICTIM
SPF = 'spf=pass smtp.mailfrom=ceo@%s' % VICTIM
FIRST, REST = ID.split('.', 1)
SHORT = FIRST


def wide(text):
    """In full-width letters."""
    return ''.join(chr(ord(c) + 0xfee0) if c.isalnum() else c for c in text)


# Ways to write the id.
IDS = [
    ID, ID.upper(), ID.title(), SHORT, SHORT + '.', ID + '.', '"%s"' % ID, '"%s."' % ID,
    '"%s\\%s"' % (ID[:2], ID[2:]), '(a) %s' % ID, '%s (b)' % ID, '(a (nested \\) one)) %s' % ID,
    '%s 1' % ID, '"%s" 1' % ID, '%s (x) 1 (y)' % ID, '%s/1' % ID, '\n %s' % ID, '\n\t"%s"\n\t1' % ID,
    '%s(.)%s' % (FIRST, '.' + REST), '(%s' % ID, '"%s' % ID, '%s\n' % ID + ' ', '=?utf-8?q?%s?=' % ID,
    '=?us-ascii?B?bXguZXhhbXBsZS5jb20=?=', ID + '\u00a0', '\u00a0' + ID, '\u2003' + ID, ID + '\u2003',
    ID + '\u3000', '\u3000' + ID, ID + '\u200b', FIRST + '\u200b.' + REST, ID.replace('.', '\u2024'),
    ID.replace('.', '\u3002'), ID.replace('.', '\uff0e'), ID.replace('.', '\uff61'), wide(ID),
    wide(ID).replace('.', '\uff0e'), wide(FIRST) + '.' + REST, FIRST + '\u00ad.' + REST, '\ufeff' + ID,
    ID + '\ufeff', '"%s\u00a0"' % ID, '"%s"' % wide(ID), '\u2060' + ID, ID + '\u180e', ID + '\u202e',
    '\U0001d426' + ID[1:], '%s\r' % ID, '%s\0' % ID, '%s\x0b' % ID, 'localhost', 'unknown', 'x; ' + ID,
]

# Names of the field.
NAMES = ['authentication-results: ', 'AUTHENTICATION-RESULTS: ', 'Authentication-Results:',
         'Authentication-Results : ', 'Authentication-Results\t:\t', 'ARC-Authentication-Results: i=1; ',
         'X-Authentication-Results: ', 'Original-Authentication-Results: ', 'Resent-Authentication-Results: ']

# What a result says.
RESULTS = [
    DKIM, SPF, '%s; %s' % (SPF, DKIM), 'dkim=pass header.i=@%s' % VICTIM, 'dkim=pass header.i=ceo@%s' % VICTIM,
    'dkim=PASS header.d=%s' % VICTIM.upper(), 'dkim/1=pass header.d=%s' % VICTIM,
    'dkim = pass (good) header.d = %s' % VICTIM, 'dkim=pass\n\theader.d=%s\n\theader.b=abcdefgh' % VICTIM,
    'dkim=none; %s' % DKIM, 'spf=none; %s' % SPF, 'spf=pass smtp.mailfrom=%s' % VICTIM,
    'spf=pass smtp.mailfrom="ceo"@%s' % VICTIM, 'spf=pass smtp.helo=%s' % VICTIM,
    'spf=pass smtp.mailfrom=<> smtp.helo=%s' % VICTIM, 'spf=pass smtp.mailfrom=postmaster@%s' % VICTIM,
    'dmarc=pass header.from=%s' % VICTIM, 'dmarc=pass (p=reject dis=none) header.from=%s; %s' % (VICTIM, DKIM),
    'arc=pass header.d=%s; %s' % (VICTIM, DKIM), 'none', DKIM + ';',
]

# Received-SPF: of the policy service, of policyd-spf, of others.
PAIRS = 'receiver=%s; client-ip=%s; envelope-from="ceo@%s"; helo=mail.%s; identity=mailfrom'
NULL = 'receiver=%s; client-ip=%s; envelope-from="<>"; helo=%s; identity=%s'
RECEIVED_SPF = [
    'pass (%s: ok) ' % ID + PAIRS % (ID, CLIENT, VICTIM, VICTIM),
    'pass (%s: ok) ' % SHORT + PAIRS % (SHORT, CLIENT, VICTIM, VICTIM),
    'Pass (mailfrom) identity=mailfrom; client-ip=%s; helo=h; envelope-from=ceo@%s; receiver=%s ' % (
        CLIENT, VICTIM, ID),
    'Pass (mailfrom) identity=mailfrom; client-ip=%s; helo=h; envelope-from="ceo"@%s; receiver=<UNKNOWN> ' % (
        CLIENT, VICTIM),
    'Pass (helo) identity=helo; client-ip=%s; helo=%s; envelope-from=<>; receiver=<UNKNOWN> ' % (CLIENT, VICTIM),
    'pass (x) ' + NULL % (ID, CLIENT, VICTIM, 'mailfrom'), 'pass (x) ' + NULL % (ID, CLIENT, VICTIM, 'helo'),
    'pass (x) receiver=%s; identity=mailfrom; envelope-from=ceo@%s' % (ID.upper(), VICTIM),
    'pass envelope-from=ceo@%s' % VICTIM, 'pass (%s: permitted) envelope-from=%s' % (ID, VICTIM),
    'pass\n\t(x)\n\t' + (PAIRS % (ID, CLIENT, VICTIM, VICTIM)).replace('; ', ';\n\t'),
    'pass (x) receiver=%s\u00a0; identity=mailfrom; envelope-from=ceo@%s' % (ID, VICTIM),
]
SEALS = ['x-seal=%d.%s' % (time, tag) for time in (1, 1795600000, 4102444800)
         for tag in ('0' * 16, 'bb81c8231ae3f896', '', '0' * 15)]
# A seal is of the sender's own true field, turned into another.
RECEIVED_SPF += ['pass (x) %s; %s' % (PAIRS % (ID, CLIENT, VICTIM, VICTIM), seal) for seal in SEALS[:6]]

# What pretends to be the border below our results. A site that removes "Received: from" leaves these.
BORDERS = ['Received: by %s (Postfix) id 1; Mon, 23 Nov 2026 10:00:00 +0000' % ID, 'Received: x', 'Received:',
           'received: from %s by %s' % (ID, ID), 'Received:from a by %s' % ID, 'Received:  from a by %s' % ID,
           'Received:\tfrom a by %s' % ID, 'Received :from a by %s' % ID, 'Received:\n from a by %s' % ID,
           'Received: (x) from a by %s' % ID,
           'Received: from mail.%s by %s (Postfix) with ESMTP id 4XyZ; Mon, 23 Nov 2026 10:00:00 +0000' % (VICTIM, ID)]

# What pretends to be our seal over the results beside it.
RUNS = ['x-assay-run=none policy.above=%d policy.below=%d policy.time=%d policy.seal=%s' % (above, below, time, tag)
        for above, below in ((0, 1), (1, 0), (0, 0), (1, 1), (99999999999, 1))
        for time, tag in ((1795600000, '0' * 16), (4102444800, 'e214f4a580d0dccf'), (1, ''))]


def kinds():
    """All of them, each a text of fields."""
    for name in IDS:
        yield AR + name + '; ' + DKIM
    for name in NAMES:
        yield name + ID + '; ' + DKIM
    for result in RESULTS:
        yield AR + ID + '; ' + result
    for result in RECEIVED_SPF:
        yield 'Received-SPF: ' + result
    for border in BORDERS:
        yield '\n'.join([AR + ID + '; ' + DKIM, AR + ID + '; ' + SPF, 'Received-SPF: ' + RECEIVED_SPF[0], border])
    for run in RUNS:
        yield '\n'.join([AR + ID + '; ' + run, AR + ID + '; ' + DKIM])
        yield '\n'.join([AR + ID + '; ' + DKIM, AR + ID + '; ' + run])
    yield '\n'.join([AR + ID + '; ' + DKIM] * 50)
    yield 'X-First: x\n' + AR + ID + '; ' + DKIM


def main():
    count = 0
    for count, fields in enumerate(kinds(), 1):
        with open(os.path.join(DIRECTORY, '%03d' % count), 'wb') as file:
            file.write(fields.encode('utf-8') + b'\n')
    print(count)


main()
