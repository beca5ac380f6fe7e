#!/usr/bin/python3
"""The mail server's side of the milter protocol, as Postfix speaks it.

usage: milter_client.py [--socket PATH] [--protocol HEX] [--actions HEX] [--chunk N]
                        [--client NAME,ADDRESS,PORT] [--helo NAME] [--sender ADDRESS]
                        [--recipient ADDRESS]... [--repeat N] [--pause SECONDS] [--local] [--next]
                        [--hook COMMAND] MESSAGE... [-- COMMAND ARGUMENT...]

Runs COMMAND with a connection as its standard input and output, as spawn(8) does, or connects to
PATH, and hands over each MESSAGE (a file) in one session. For each it prints what the other side says
and the message as Postfix would queue it, below a Received field of its own; so these must agree with
cleanup(8) in how fields are counted. With --next each message has a session of its own on the same
connection. --hook is a command that is run between two messages.
"""
import argparse
import os
import socket
import struct
import subprocess
import sys
import time

RECEIVED = b"Received: by mx.test (Postfix) id %s\n"


class Milter:
    """One connection."""

    def __init__(self, connection):
        self.connection = connection
        self.protocol = 0
        self.input = connection.makefile("rb")

    def send(self, command, data=b""):
        self.connection.sendall(struct.pack("!I", len(data) + 1) + command + data)

    def read(self):
        head = self.input.read(4)
        if len(head) < 4:
            raise EOFError
        length, = struct.unpack("!I", head)
        data = self.input.read(length)
        if len(data) < length:
            raise EOFError
        return data[:1], data[1:]

    def negotiate(self, actions, protocol):
        self.send(b"O", struct.pack("!III", 6, actions, protocol))
        command, data = self.read()
        assert command == b"O", command
        version, agreed, self.protocol = struct.unpack("!III", data[:12])
        assert version <= 6 and agreed & ~actions == 0 and self.protocol & ~protocol == 0

    def event(self, command, flag, data=b""):
        """Sends one, and takes the answer unless there is none."""
        self.send(command, data)
        if self.protocol & flag == 0:
            answer, _ = self.read()
            assert answer == b"c", answer


def fields_of(header):
    """Raw fields, with their line ends."""
    fields = []
    for line in header.splitlines(keepends=True):
        if line[:1] in b" \t" and fields:
            fields[-1] += line
        else:
            fields.append(line)
    return fields


def split(message):
    """Header fields and body; the body is None if there is not even an empty line."""
    if message.startswith(b"\n"):
        return [], message[1:]
    header, found, body = message.partition(b"\n\n")
    return fields_of(header + b"\n"), body if found else b""


class Queued:
    """A message in the queue file, and how it is changed."""

    def __init__(self, identity, fields, body):
        self.fields = [RECEIVED % identity] + list(fields)
        self.body = body
        self.inserted = False

    def change(self, data):
        index, = struct.unpack("!I", data[:4])
        name, value, _ = data[4:].split(b"\0")
        assert value == b"" and index >= 1
        assert not self.inserted, "fields are removed before others are added"
        for number, field in enumerate(self.fields):
            if number > 0 and field.partition(b":")[0].strip().lower() == name.lower():
                index -= 1
                if index == 0:
                    del self.fields[number]
                    return
        raise AssertionError("no such field: %r" % name)

    def insert(self, data, space):
        index, = struct.unpack("!I", data[:4])
        name, value, _ = data[4:].split(b"\0")
        self.inserted = True
        self.fields.insert(index, name + b":" + (b"" if space else b" ") + value + b"\n")

    def text(self):
        return b"".join(self.fields) + b"\n" + self.body


def deliver(milter, options, number, path):
    """One message; prints what comes of it."""
    identity = b"4F%03d" % number
    fields, body = split(open(path, "rb").read())
    queued = Queued(identity, fields, body)
    space = milter.protocol & 0x100000 != 0
    milter.send(b"D", b"M" + b"i\0" + identity + b"\0")
    milter.event(b"M", 0x4000, b"<" + options.sender.encode() + b">\0SIZE=1\0")
    for recipient in options.recipient or ["bob@rcpt.test"]:
        milter.event(b"R", 0x8000, b"<" + recipient.encode() + b">\0")
    if milter.protocol & 0x200 == 0:
        milter.event(b"T", 0x10000)
    for field in fields:
        name, _, value = field[:-1].partition(b":")
        if not space and value.startswith(b" "):
            value = value[1:]
        milter.event(b"L", 0x80, name.rstrip() + b"\0" + value + b"\0")
    milter.event(b"N", 0x40000)
    wire = body.replace(b"\n", b"\r\n")
    for start in range(0, len(wire), options.chunk):
        milter.event(b"B", 0x80000, wire[start:start + options.chunk])
    milter.send(b"D", b"E" + b"i\0" + identity + b"\0")
    milter.send(b"E")
    while True:
        command, data = milter.read()
        if command == b"m":
            queued.change(data)
        elif command == b"i":
            queued.insert(data, space)
        elif command == b"q":
            print("hold:", data.rstrip(b"\0").decode())
        elif command in b"ca":
            print("accepted")
            sys.stdout.flush()
            sys.stdout.buffer.write(queued.text())
            sys.stdout.flush()
            return
        elif command == b"y":
            print(data.rstrip(b"\0").decode().replace("%%", "%"))
            return
        else:
            raise AssertionError("unknown reply %r" % command)


def connect(milter, options):
    name, address, port = options.client.split(",")
    if options.local:
        name, address, port = "localhost", "127.0.0.1", "0"
    family = b"6" if ":" in address else b"4"
    prefix = b"IPv6:" if ":" in address else b""
    milter.send(b"D", b"Cj\0mx.test\0")
    milter.event(b"C", 0x1000, name.encode() + b"\0" + family + struct.pack("!H", int(port)) +
                 prefix + address.encode() + b"\0")
    milter.event(b"H", 0x2000, options.helo.encode() + b"\0")


def session(connection, options):
    milter = Milter(connection)
    milter.negotiate(int(options.actions, 16), int(options.protocol, 16))
    connect(milter, options)
    number = 0
    for _ in range(options.repeat):
        for path in options.message:
            if number > 0:
                time.sleep(options.pause)
                if options.hook:
                    subprocess.run(options.hook, shell=True, check=False)
            if number > 0 and options.next:
                milter.send(b"K")
                connect(milter, options)
            number += 1
            deliver(milter, options, number, path)
            milter.send(b"A")
    milter.send(b"Q")


def main():
    words = sys.argv[1:]
    command = []
    if "--" in words:
        command = words[words.index("--") + 1:]
        words = words[:words.index("--")]
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket")
    parser.add_argument("--protocol", default="1fffff")
    parser.add_argument("--actions", default="1ff")
    parser.add_argument("--chunk", type=int, default=65535)
    parser.add_argument("--client", default="mail.good.example,192.0.2.10,4242")
    parser.add_argument("--helo", default="mail.good.example")
    parser.add_argument("--sender", default="alice@good.example")
    parser.add_argument("--recipient", action="append")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--local", action="store_true")
    parser.add_argument("--next", action="store_true")
    parser.add_argument("--hook")
    parser.add_argument("message", nargs="+")
    options = parser.parse_args(words)
    child = None
    if options.socket:
        ours = socket.socket(socket.AF_UNIX)
        ours.connect(options.socket)
    else:
        ours, theirs = socket.socketpair()
        child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        theirs.close()
    status = 0
    try:
        session(ours, options)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        print("the connection was lost")
        status = 1
    ours.close()
    if child:
        child.wait(30)
    return status


sys.exit(main())
