#!/usr/bin/python3
"""A stage of a stream that does as it is told.

usage: stage.py --stream [WORD...]

The words are done for each message, in this order:
  add=TEXT       a field on top (\\n is a line end, \\t a tab)
  drop=NAME      removes all fields of that name
  attribute=NAME=VALUE   adds an attribute; in VALUE, %(name)s is that attribute
  say=TEXT       on standard error
  sleep=SECONDS  before it answers
  once=WORD      that word, for the first message of a process only; later=WORD, for all others
and these end it, or make it lie:
  status=TEXT    the message could not be handled
  exit=STATUS    instead of an answer; half: after the first half of it
  body, field, cut, longer, other, garbage   alters the body, a field, the length, the queue ID, the frame
  log=FILE       appends the attributes and the message to a file
"""
import os
import sys
import time

INPUT = sys.stdin.buffer
OUTPUT = sys.stdout.buffer


def read_netstring():
    digits = b""
    while True:
        octet = INPUT.read(1)
        if octet == b"" and digits == b"":
            return None
        if octet == b":":
            break
        assert octet.isdigit()
        digits += octet
    data = INPUT.read(int(digits))
    assert INPUT.read(1) == b","
    return data


def netstring(data):
    return b"%d:%s," % (len(data), data)


def fields(header):
    found = []
    for line in header.splitlines(keepends=True):
        if line[:1] in b" \t" and found:
            found[-1] += line
        else:
            found.append(line)
    return found


class Frame:
    """One message on its way through here."""

    def __init__(self, attributes, message):
        self.attributes = attributes
        self.message = message

    def value(self, name):
        for line in self.attributes.splitlines():
            if line.startswith(name + b"="):
                return line[len(name) + 1:]
        return b""

    def header(self, change):
        header, _, body = self.message.partition(b"\n\n")
        self.message = b"".join(change(fields(header + b"\n"))) + b"\n" + body


def change(frame, word, count):
    """Does one word; the text to write in place of an answer, or None."""
    name, _, value = os.fsencode(word).partition(b"=")
    if name == b"once":
        return change(frame, os.fsdecode(value), count) if count == 1 else None
    if name == b"later":
        return change(frame, os.fsdecode(value), count) if count > 1 else None
    if name == b"add":
        frame.message = value.replace(b"\\n", b"\n").replace(b"\\t", b"\t") + b"\n" + frame.message
    elif name == b"drop":
        frame.header(lambda all: [f for f in all if not f.lower().startswith(value.lower() + b":")])
    elif name == b"attribute":
        frame.attributes += value + b"\n"
    elif name == b"say":
        sys.stderr.write(os.fsdecode(value) + "\n")
        sys.stderr.flush()
    elif name == b"sleep":
        time.sleep(float(value))
    elif name == b"status":
        frame.attributes += b"status=" + value + b"\n"
        frame.message = b""
    elif name == b"log":
        with open(value, "ab") as file:
            file.write(frame.attributes + b"\n" + frame.message)
    elif name == b"exit":
        sys.exit(int(value))
    elif name == b"kill":
        os.kill(os.getpid(), int(value))
    elif name == b"half":
        whole = netstring(frame.attributes) + netstring(frame.message)
        OUTPUT.write(whole[:len(whole) // 2])
        OUTPUT.flush()
        sys.exit(0)
    elif name == b"body":
        frame.message = frame.message[:-2] + b"!\n"
    elif name == b"field":
        frame.message = frame.message.replace(b"Subject: ", b"Subject: x", 1)
    elif name == b"cut":
        frame.message = frame.message[:-1]
    elif name == b"longer":
        frame.message += b"x\n"
    elif name == b"other":
        frame.attributes = frame.attributes.replace(b"queue_id=", b"queue_id=X")
    elif name == b"garbage":
        return b"garbage"
    elif name == b"huge":
        return b"99999999999999999999:"
    return None


def main():
    assert sys.argv[1] == "--stream", sys.argv
    count = 0
    while True:
        attributes = read_netstring()
        if attributes is None:
            return
        frame = Frame(attributes, read_netstring())
        count += 1
        text = None
        for word in sys.argv[2:]:
            text = change(frame, word, count) or text
        OUTPUT.write(text or netstring(frame.attributes) + netstring(frame.message))
        OUTPUT.flush()


main()
