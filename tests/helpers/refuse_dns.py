#!/usr/bin/python3
"""A name server at ADDRESS, port 53, that refuses every question: a lame delegation."""
import socket
import sys

udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((sys.argv[1], 53))
print('ready', flush=True)
while True:
    query, client = udp.recvfrom(4096)
    if len(query) >= 12:
        udp.sendto(query[:2] + b'\x81\x05' + query[4:6] + bytes(6) + query[12:], client)
