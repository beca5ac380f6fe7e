#!/usr/bin/python3
"""A name server at ADDRESS that passes questions on to UPSTREAM, but never answers some.

usage: partly_silent_dns.py ADDRESS UPSTREAM DOMAIN LOG

Nothing below DOMAIN gets an answer, as if its name servers were silent. Each question is a line in
LOG: the name, in the order of arrival. UDP only.
"""
import socket
import sys


def name_of(packet):
    """The name of the question, with dots."""
    labels, at = [], 12
    while at < len(packet) and packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode('latin-1').lower())
        at += 1 + packet[at]
    return '.'.join(labels)


def main():
    address, upstream, domain, log = sys.argv[1:]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.connect((upstream, 53))
    asker.settimeout(2)
    print('ready', flush=True)
    with open(log, 'a', encoding='ascii') as lines:
        while True:
            packet, client = server.recvfrom(4096)
            name = name_of(packet)
            print(name, file=lines, flush=True)
            if name == domain or name.endswith('.' + domain):
                continue
            asker.send(packet)
            try:
                server.sendto(asker.recv(65535), client)
            except OSError:
                pass


main()
