#!/usr/bin/python3
"""Verification does not depend on how stdin arrives: dkim_stdin.py COUNT COMMAND... <message

The message comes in random pieces, also octet by octet; the output must always be the same.
"""
import random
import subprocess
import sys


def pieces(rand, message):
    """The message cut at random places."""
    longest = rand.choice([1, 2, 7, 100, 5000])
    at = 0
    while at < len(message):
        length = rand.randrange(1, longest + 1)
        yield message[at:at + length]
        at += length


def verdict(command, parts):
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          bufsize=0) as process:
        for part in parts:
            process.stdin.write(part)
        process.stdin.close()
        return process.stdout.read()


def main():
    count, command = int(sys.argv[1]), sys.argv[2:]
    message = sys.stdin.buffer.read()
    wanted = verdict(command, [message])
    if b'=pass' not in wanted:
        sys.exit('# does not pass at all')
    for seed in range(count):
        if verdict(command, pieces(random.Random(seed), message)) != wanted:
            sys.exit('# differs with seed %d' % seed)


main()
