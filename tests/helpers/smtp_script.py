#!/usr/bin/python3
"""An smtpd that follows a script, once: prints its port, then writes what the client said to FILE.

usage: smtp_script.py FILE [COMMAND=REPLY...]

COMMAND is a word as EHLO, MAIL, RCPT, DATA or DOT (the end of the message); each use takes the next
reply given for it, and the last one stays. The reply "drop" ends the connection, "silence" says
nothing until the client has gone; "wait" waits for FILE.go before it goes on as usual.
"""
import contextlib
import os
import socket
import sys
import time

DEFAULTS = {
    "CONNECT": ["220 ready"],
    "EHLO": ["250-host\r\n250-8BITMIME\r\n250-XFORWARD NAME ADDR PROTO HELO IDENT\r\n250 SMTPUTF8"],
    "DATA": ["354 go on"],
    "QUIT": ["221 bye"],
    "DOT": ["250 2.0.0 Ok: queued as 1234"],
}
replies = dict(DEFAULTS)
given = {}
for argument in sys.argv[2:]:
    word, reply = argument.split("=", 1)
    given.setdefault(word, []).append(reply)
replies.update(given)


def answer(stream, word):
    """False at the end of the connection."""
    queue = replies.get(word, ["250 2.1.0 Ok"])
    reply = queue.pop(0) if len(queue) > 1 else queue[0]
    if reply == "wait":
        record.flush()
        while not os.path.exists(sys.argv[1] + ".go"):
            time.sleep(0.02)
        reply = DEFAULTS[word][0]
    if reply == "silence":
        stream.read()
    if reply in ("silence", "drop"):
        return False
    stream.write(reply.encode() + b"\r\n")
    stream.flush()
    return word != "QUIT"


if socket.has_dualstack_ipv6():
    server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
else:
    server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
client, _ = server.accept()
# A client that has gone, also when what is left for it is flushed, is no trouble of ours.
with (contextlib.suppress(ConnectionError), client, client.makefile("rwb") as smtp,
      open(sys.argv[1], "wb") as record):
    message = False
    more = answer(smtp, "CONNECT")
    while more and (line := smtp.readline()):
        record.write(line)
        if message and line != b".\r\n":
            continue
        command = "DOT" if message else line.split()[0].decode("latin-1").upper()
        message = False
        more = answer(smtp, command)
        message = command == "DATA" and not replies["DATA"][0].startswith(("4", "5")) and more
