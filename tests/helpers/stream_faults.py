#!/usr/bin/python3
"""What a tool with --stream does when something goes wrong. Prints what it should not have done.

usage: stream_faults.py recover|broken|cut|killed|kept TOOL [ARGUMENT...]

recover  a message that cannot be handled leaves as a status, and the next one as if it were alone
broken   after a bad frame the status is 75, and what came before it is complete
cut      so it is when the input ends anywhere but between two frames
killed   killed in the middle of writing, it leaves no frame that looks complete
kept     10,000 messages need the memory of 100
"""
import os
import signal
import sys

from frames import ENVELOPE, Broken, Stage, frame, read_frame, value

TEMPFAIL = 75
MESSAGE = (b'Received: by mx.example.net; Mon, 23 Nov 2026 09:14:05 +0100\n'
           b'From: orders@shop.example\nSubject: a stream\n\nbody\n')
MANY = int(os.environ.get('FRAMES', '10000'))
SPARE = 64  # KiB that a page more or less of the heap may make

problems = []


def expect(holds, text):
    if not holds:
        problems.append(text)


def good(answer):
    """What should come out of a message that was handled; the time left is never the same."""
    attributes, message = answer
    return [pair for pair in attributes if pair[0] != 'deadline'], message


def start(**options):
    return Stage(COMMAND, stderr=open('stream.err', 'wb'), **options)


# Messages and envelopes that a tool cannot handle, with the beginning of the status.
UNFIT = [
    ('an empty message', b'', ENVELOPE, '4.3.0 '),
    ('two senders', MESSAGE, list(ENVELOPE.items()) + [('sender', 'x@example.org')], '4.3.0 '),
    ('two deadlines', MESSAGE, list(ENVELOPE.items()) + [('deadline', '1')] * 2, '4.3.0 '),
    ('a client without an address', MESSAGE, dict(ENVELOPE, client_address='here'), '4.3.0 '),
    ('a deadline that is none', MESSAGE, dict(ENVELOPE, deadline='soon'), '4.3.0 '),
    ('a deadline of nan', MESSAGE, dict(ENVELOPE, deadline='nan'), '4.3.0 '),
    ('attributes up to the last octet', MESSAGE,
     list(ENVELOPE.items()) + [('recipient', 'r' * 65000)] + [('x', 'y' * 430)], '4.3.4 '),
]


def recover():
    stage = start()
    reference = good(stage.ask(MESSAGE))
    expect(value(reference[0], 'status') is None, 'the good message: %s' % reference[0])
    for name, message, attributes, status in UNFIT:
        answer = stage.ask(message, dict(attributes) if isinstance(attributes, dict)
                           else attributes)
        if answer is None:
            expect(False, '%s: the stream has ended' % name)
            return
        told = value(answer[0], 'status') or ''
        expect(told.startswith(status), '%s: status %r' % (name, told))
        expect(answer[1] == b'', '%s: it has a message' % name)
        expect(value(answer[0], 'result') is None, '%s: it has a result' % name)
        expect(good(stage.ask(MESSAGE)) == reference, '%s: it can be seen in the next' % name)
    failed = [('queue_id', '4X'), ('status', '4.3.1 disk full')]
    expect(stage.ask(b'', failed) == (failed, b''), 'a status is not passed on as it is')
    expect(stage.ask(b'message', failed) == (failed, b''), 'a status has a message')
    expect(stage.end() == 0, 'the end is not the end')


BAD = [b'x', b':', b',', b'-1:,', b'007:', b'0x5:', b'5;', b'65537:', b'99999999999999999999:',
       b'0:,99999999999999999999:', b'0:;0:,', b'1:a,0:,', b'4:a=b\n;', b'3:a=b,0:,',
       b'4: =b\n,0:,', b'5:a=\0b\n,0:,', b'5:a=b\n\n,0:,', b'0:,5:hello;', b'0:,0:;', b'0:,4:a: b!']


def after(octets):
    """The frames and the status for a good frame and then these octets."""
    stage = start()
    try:
        stage.send(frame(MESSAGE, ENVELOPE) + octets)
    except BrokenPipeError:
        pass
    stage.process.stdin.close()
    frames = []
    while (answer := stage.receive()) is not None:
        frames.append(answer)
    return frames, stage.process.wait()


def broken():
    for octets in BAD:
        frames, status = after(octets)
        with open('stream.err', 'rb') as file:
            said = file.read()
        expect(status == TEMPFAIL, '%r: status %d' % (octets, status))
        expect(len(frames) == 1 and MESSAGE in frames[0][1], '%r: %s' % (octets, frames))
        expect(said.startswith(b'4.3.') and said.count(b'\n') == 1, '%r: %r' % (octets, said))


def cut():
    whole = frame(MESSAGE, ENVELOPE)
    for octets in range(1, len(whole)):
        frames, status = after(whole[:octets])
        expect(status == TEMPFAIL and len(frames) == 1, 'cut after %d: status %d, %d frames' %
               (octets, status, len(frames)))
    frames, status = after(whole)
    expect(status == 0 and len(frames) == 2, 'not cut: status %d' % status)


def killed():
    stage = start()
    stage.send(frame(MESSAGE + b'b' * 3000000, ENVELOPE))  # more than a pipe takes
    begun = stage.process.stdout.read(1000)
    stage.process.send_signal(signal.SIGKILL)
    rest = stage.process.stdout.read()
    stage.process.wait()
    expect(len(begun) == 1000 and len(rest) < 3000000, 'it was not in the middle')
    with open('part', 'wb') as file:
        file.write(begun + rest)
    with open('part', 'rb') as file:
        try:
            read_frame(file)
            expect(False, 'half a frame looks like a frame')
        except Broken:
            pass
    next_stage = start()
    next_stage.send(begun + rest)
    next_stage.process.stdin.close()
    expect(next_stage.process.stdout.read() == b'', 'the next stage makes something of it')
    expect(next_stage.process.wait() == TEMPFAIL, 'the next stage does not say 75')


def kept():
    stage = start()
    early = 0
    for number in range(MANY):
        stage.ask(MESSAGE)
        if number == MANY // 100:
            early = stage.resident()
    late = stage.resident()
    expect(late - early <= SPARE, '%d KiB after %d messages, %d KiB after %d' %
           (early, MANY // 100, late, MANY))
    expect(stage.end() == 0, 'it has not ended well')


COMMAND = sys.argv[2:]
{'recover': recover, 'broken': broken, 'cut': cut, 'killed': killed, 'kept': kept}[sys.argv[1]]()
for problem in problems[:10]:
    print('# ' + problem[:300])
sys.exit(bool(problems))
