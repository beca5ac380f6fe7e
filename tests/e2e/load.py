#!/usr/bin/python3
"""Mail in quantity, faults beside it, and the count afterwards.

usage: load.py send FILE COUNT SESSIONS RECORD   hands FILE to port 25 of this host, COUNT times over
                                          SESSIONS sessions at a time, and notes what was accepted
       load.py kill USER NAME SECONDS     until it is ended: kill -9 for a random process of USER or
                                          of the name NAME, so often; says in the end which
       load.py tally RECORD FILE MAILDIR LOG   what has become of it; exit status 1 if any was lost

Each message has a number in its first line, X-Number.
"""
import collections
import os
import pwd
import random
import re
import signal
import smtplib
import sys
import threading
import time

PATIENCE = 120


class Sender(threading.Thread):
    """One session at a time, a message each."""

    lock = threading.Lock()
    waiting = []
    record = None
    message = b""

    def run(self):
        while True:
            with self.lock:
                if not self.waiting:
                    return
                number = self.waiting.pop()
            fate = self.deliver(number)
            with self.lock:
                self.record.write("%d %s\n" % (number, fate))

    def deliver(self, number):
        """Until it is accepted; "doubtful" if the connection broke where we cannot know."""
        data = b"X-Number: %d\r\n" % number + self.message
        end = time.time() + PATIENCE
        while time.time() < end:
            sent = False
            try:
                with smtplib.SMTP("127.0.0.1", 25, timeout=60) as smtp:
                    smtp.ehlo("client.load.example")
                    if smtp.mail("load@load.example")[0] == 250 and \
                            smtp.rcpt("load@rcpt.example")[0] == 250:
                        sent = True
                        if smtp.data(data)[0] == 250:
                            return "accepted"
                        sent = False
            except (OSError, smtplib.SMTPException):
                if sent:
                    return "doubtful"
            time.sleep(0.2)
        return "refused"


def send(path, count, sessions, record):
    """All of it, with the time it took."""
    Sender.message = open(path, "rb").read().replace(b"\n", b"\r\n")
    Sender.waiting = list(range(count, 0, -1))
    with open(record, "w") as Sender.record:
        threads = [Sender() for _ in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def victims(uid, name):
    """Pairs of process id and what it is."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            what = open("/proc/%s/comm" % entry).read().strip()
            if os.stat("/proc/" + entry).st_uid == uid or what == name:
                yield int(entry), what
        except OSError:
            continue


def kill(user, name, pause):
    """Until SIGTERM."""
    killed = collections.Counter()

    def end(*_):
        print("killed: " + ", ".join("%d %s" % (n, what) for what, n in killed.most_common()))
        sys.stdout.flush()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    uid = pwd.getpwnam(user).pw_uid if user else -1
    while True:
        time.sleep(random.uniform(0, 2 * pause))
        found = list(victims(uid, name))
        if found:
            pid, what = random.choice(found)
            try:
                os.kill(pid, signal.SIGKILL)
                killed[what] += 1
            except ProcessLookupError:
                pass


def tally(record, path, maildir, log):
    """One line of figures."""
    fates = dict(line.split() for line in open(record))
    body = open(path, "rb").read().partition(b"\n\n")[2]
    copies = collections.Counter()
    damaged = 0
    for name in os.listdir(maildir) if os.path.isdir(maildir) else []:
        mail = open(os.path.join(maildir, name), "rb").read()
        header, _, rest = mail.partition(b"\n\n")
        number = re.search(rb"^X-Number: (\d+)$", header, re.M)
        if number is None or rest != body or \
                not re.search(rb"^Authentication-Results: mx.example.com; dmarc=", header, re.M):
            damaged += 1
        else:
            copies[number.group(1).decode()] += 1
    accepted = [number for number, fate in fates.items() if fate == "accepted"]
    queued = set(re.findall(r"^X-Number: (\d+)", os.popen(
        "for q in $(postqueue -j | sed -n 's/.*\"queue_id\": \"\\([^\"]*\\)\".*/\\1/p'); "
        "do postcat -qh $q; done 2>/dev/null").read(), re.M))
    lines = open(log, errors="replace").read()
    lost = [number for number in accepted if not copies[number] and number not in queued]
    again = sum(n - 1 for n in copies.values() if n > 1)
    bounced = len(re.findall("status=bounced", lines))
    print("accepted %d, delivered once %d, copies too many %d, still queued %d, lost %d, damaged %d, "
          "bounced %d; deferred %d times; in doubt at SMTP %d, refused %d" %
          (len(accepted), sum(copies[n] == 1 for n in accepted), again, len(queued), len(lost),
           damaged, bounced, len(re.findall("status=deferred", lines)),
           sum(fate == "doubtful" for fate in fates.values()),
           sum(fate == "refused" for fate in fates.values())))
    return 1 if lost or damaged or bounced else 0


if __name__ == "__main__":
    arguments = sys.argv[2:]
    if sys.argv[1] == "send":
        send(arguments[0], int(arguments[1]), int(arguments[2]), arguments[3])
    elif sys.argv[1] == "kill":
        kill(arguments[0], arguments[1], float(arguments[2]))
    else:
        sys.exit(tally(*arguments))
