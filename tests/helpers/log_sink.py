#!/usr/bin/python3
"""A log daemon: each entry that comes to a socket becomes a line of a file.

usage: log_sink.py SOCKET FILE   until it is killed; FILE is there when it is ready
       log_sink.py fill SOCKET   sends entries until there is no room for more
"""
import socket
import sys


def serve(path, name):
    """Until killed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(path)
        with open(name, "wb", buffering=0) as stream:
            while True:
                stream.write(server.recv(65536) + b"\n")


def fill(path):
    """Until nobody takes any more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(path)
        try:
            while True:
                client.send(b"<22>filler: x")
        except BlockingIOError:
            pass


if sys.argv[1] == "fill":
    fill(sys.argv[2])
else:
    serve(*sys.argv[1:])
