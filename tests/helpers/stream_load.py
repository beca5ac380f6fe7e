#!/usr/bin/python3
"""What a message costs in a stream, and whether memory grows.

usage: stream_load.py FRAMES MESSAGE TOOL [ARGUMENT...]

Prints milliseconds of CPU a message, of the tool alone: it reads all frames from a file and writes
to /dev/null. Then the KiB of its memory after 100 messages, and after all, when each is sent as
the answer to the one before has come; and milliseconds of CPU a message for that, where the kernel
wakes the tool for each.
"""
import os
import resource
import subprocess
import sys
import tempfile

from frames import ENVELOPE, Stage, frame, value

FIRST = 100
RESULTS = [('result', 'spf=pass smtp.mailfrom=orders@shop.example'),
           ('result', 'dkim=pass header.d=shop.example header.s=mail header.b=abcdefgh')]


def spent():
    """CPU seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def alone(command, one, count):
    with tempfile.TemporaryFile() as frames:
        for _ in range(count):
            frames.write(one)
        frames.seek(0)
        before = spent()
        subprocess.run(command, stdin=frames, stdout=subprocess.DEVNULL, check=True)
        return (spent() - before) * 1000 / count


def in_turn(command, one, count):
    before = spent()
    stage = Stage(command)
    early = 0
    for number in range(1, count + 1):
        stage.send(one)
        answer, _ = stage.receive()
        if value(answer, 'status') is not None:
            sys.exit('a message was not handled: %s' % answer)
        if number == FIRST:
            early = stage.resident()
    late = stage.resident()
    if stage.end() != 0:
        sys.exit('it has not ended well')
    return early, late, (spent() - before) * 1000 / count


def main():
    count, command = int(sys.argv[1]), sys.argv[3:]
    with open(sys.argv[2], 'rb') as file:
        message = file.read()
    is_last = os.path.basename(command[0]) == 'dmarceval'
    one = frame(message, list(ENVELOPE.items()) + (RESULTS if is_last else []))
    cost = alone(command, one, count)
    early, late, woken = in_turn(command, one, count)
    print('%.4f %.4f %d %d' % (cost, woken, early, late))


main()
