#!/usr/bin/python3
"""Hands the message on standard input to a Postfix that believes XCLIENT, and prints its replies.

usage: client.py DEFAULT [--port N] [--utf8] [--8bit] [--name NAME] [--each DIRECTORY]
                 ADDRESS HELO SENDER [RECIPIENT...]

Without recipients it goes to DEFAULT. Lines may end in LF. With --each the messages are the files
of a directory, which go one after the other in one session.
"""
import argparse
import os
import smtplib
import sys

parser = argparse.ArgumentParser()
parser.add_argument('default')
parser.add_argument('--port', type=int, default=25)
parser.add_argument('--utf8', action='store_true')
parser.add_argument('--8bit', dest='eight', action='store_true')
parser.add_argument('--name', default='[UNAVAILABLE]')
parser.add_argument('--each')
parser.add_argument('address')
parser.add_argument('helo')
parser.add_argument('sender')
parser.add_argument('recipients', nargs='*')
given = parser.parse_args()



def messages():
    """As they are sent."""
    if given.each is None:
        found = [sys.stdin.buffer.read()]
    else:
        found = [open(os.path.join(given.each, name), 'rb').read()
                 for name in sorted(os.listdir(given.each))]
    for text in found:
        yield text.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')


options = (['BODY=8BITMIME'] if given.eight else []) + (['SMTPUTF8'] if given.utf8 else [])
smtp = smtplib.SMTP('127.0.0.1', given.port, timeout=60)
smtp.ehlo('client.localhost')
smtp.docmd('XCLIENT', 'ADDR=%s NAME=%s PORT=4242' % (given.address, given.name))
smtp.ehlo(given.helo)
smtp.command_encoding = 'utf-8'
for message in messages():
    replies = [smtp.docmd('MAIL', ' '.join(['FROM:<%s>' % given.sender] + options))]
    replies += [smtp.docmd('RCPT', 'TO:<%s>' % recipient)
                for recipient in given.recipients or [given.default]]
    if any(code == 250 for code, _ in replies[1:]):
        replies.append(smtp.data(message))
    for code, text in replies:
        print(code, text.decode())
smtp.quit()
