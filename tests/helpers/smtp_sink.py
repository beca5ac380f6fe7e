#!/usr/bin/python3
"""An SMTP server that misbehaves as its recipients ask for, and a client that hands mail to it.

usage: smtp_sink.py serve DIR          prints its port; a mail becomes a file DIR/RECIPIENT.N
       smtp_sink.py send PORT SENDER RECIPIENT < mail

The local part of a recipient says what happens: accept; refuse (550 to RCPT), busy (451 to RCPT),
drop (the connection breaks behind the mail, which is not kept), delay (no answer to RCPT for a
long time), second (451 the first time). The client ends as sendmail(1) does: 0, 67 or 75.
"""
import os
import smtplib
import socketserver
import sys
import threading
import time

DELAY = 30


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    lock = threading.Lock()
    seen = set()
    directory = ""
    recipient = ""

    def say(self, line):
        """A reply."""
        self.wfile.write(line.encode("ascii") + b"\r\n")

    def receive(self, command):
        """RCPT; False if the connection is to end."""
        self.recipient = command[command.index("<") + 1:command.index(">")]
        kind = self.recipient.split("@")[0]
        with self.lock:
            first = self.recipient not in self.seen
            self.seen.add(self.recipient)
        if kind == "refuse":
            self.say("550 5.1.1 no such user")
        elif kind == "busy" or (kind == "second" and first):
            self.say("451 4.3.2 not now")
        else:
            if kind == "delay":
                time.sleep(DELAY)
            self.say("250 2.1.5 well")

    def take(self):
        """DATA; False if the connection is to end."""
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if line == b"" or self.recipient.startswith("drop@"):
            return False
        with self.lock:
            number = sum(name.rsplit(".", 1)[0] == self.recipient
                         for name in os.listdir(self.directory))
            path = os.path.join(self.directory, "%s.%d" % (self.recipient, number + 1))
            with open(path, "wb") as stream:
                stream.write(b"".join(lines).replace(b"\r\n", b"\n"))
        self.say("250 2.0.0 kept")
        return True

    def handle(self):
        """The dialogue."""
        self.say("220 sink")
        while True:
            command = self.rfile.readline().decode("latin-1").strip()
            verb = command[:4].upper()
            if verb == "RCPT":
                self.receive(command)
            elif verb == "DATA":
                if not self.take():
                    return
            elif verb == "":  # the client has been killed
                return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 well")


def serve(directory):
    """Until it is killed."""
    Session.directory = directory
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def send(port, sender, recipient):
    """The exit status."""
    data = sys.stdin.buffer.read()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.sendmail(sender, [recipient], data)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = list(error.recipients.values())[0]
        print("%d %s" % (code, text.decode("latin-1")), file=sys.stderr)
        return 67 if code >= 500 else 75
    except (OSError, smtplib.SMTPException) as error:
        print(error, file=sys.stderr)
        return 75
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(send(int(sys.argv[2]), sys.argv[3], sys.argv[4]))
