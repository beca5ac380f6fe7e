"""Attacks on reports, for tests/t/report_attacks.t.

usage: attack.py dns ADDRESS                      a name server: names below "slow" get no answer
       attack.py zone                             what it says, as a zone file
       attack.py slow HISTORY N                   a day of 10 honest policies, and N whose hosts are slow
       attack.py records N HISTORY DMARCEVAL [ORG] N mails, each of a domain with a record of 64 KB; with
                                                  ORG they are of one organization
       attack.py spoofs HISTORY DMARCEVAL DAY N   N mails, each from another domain, and honest ones
       attack.py one HISTORY DMARCEVAL DAY N      N mails of one domain, each from another address
"""
import socket
import sqlite3
import struct
import subprocess
import sys
import threading

DAY = 20779
DAY_SECONDS = 86400


def read_name(packet):
    """The name in the question, and where it ends."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += packet[at] + 1
    return ".".join(labels), at + 5


def record_of(name):
    """What there is at a name below _dmarc, or None."""
    if name.startswith("_dmarc.") and name.endswith(".longrecord.test"):
        number = name.split(".")[1]
        uris = ",".join("mailto:%s%05d@%s.longrecord.test" % ("x" * 20, i, number) for i in range(900))
        return ("v=DMARC1; p=none; rua=" + uris)[:63000].rsplit(",", 1)[0]
    if name.endswith("._report._dmarc.wants.honest"):
        return "v=DMARC1"
    return None


def answer(packet, tcp):
    """The answer to a query; None for silence."""
    name, end = read_name(packet)
    if name.endswith("slow") or ".slow" in name:
        return None
    record = record_of(name)
    if record is None:
        return packet[:2] + b"\x81\x83\0\x01\0\0\0\0\0\0" + packet[12:end]
    text = record.encode()
    data = b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255] for i in range(0, len(text), 255))
    head = packet[:2] + (b"\x81\x80" if tcp or len(data) < 1000 else b"\x83\x80")
    if not tcp and len(data) >= 1000:
        return head + b"\0\x01\0\0\0\0\0\0" + packet[12:end]
    return (head + b"\0\x01\0\x01\0\0\0\0" + packet[12:end] + b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c"
            + struct.pack("!H", len(data)) + data)


def serve_tcp(listener):
    """Long answers."""
    while True:
        client, _ = listener.accept()
        with client:
            size = client.recv(2)
            if len(size) == 2:
                reply = answer(client.recv(struct.unpack("!H", size)[0]), True)
                if reply:
                    client.sendall(struct.pack("!H", len(reply)) + reply)


def dns(address):
    """The name server."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, 53))
    listener = socket.create_server((address, 53))
    threading.Thread(target=serve_tcp, args=(listener,), daemon=True).start()
    print("ready", flush=True)
    while True:
        packet, client = udp.recvfrom(4096)
        reply = answer(packet, False)
        if reply:
            udp.sendto(reply, client)


def slow(history, count):
    """Policies and messages; the slow ones come first, each below a name of its own."""
    with sqlite3.connect(history) as connection:
        for i in range(int(count) + 10):
            honest = i >= int(count)
            domain = "h%d.honest" % i if honest else "p%d.evil%d.test" % (i, i)
            uri = "mailto:honest%d@wants.honest" % i if honest else "mailto:d@host.x%d.slow" % i
            connection.execute("INSERT INTO policy(id, domain, record) VALUES(?, ?, ?)",
                               (i + 1, domain, "v=DMARC1; p=none; rua=" + uri))
            connection.execute("INSERT INTO messages VALUES(?, ?, '192.0.2.1', ?, '', '', 'none', '', 'none',"
                               " 'fail', 'fail', '', 1, 1)", (DAY, i + 1, domain))
            connection.execute("INSERT INTO quota VALUES(?, ?, 1, 1, 0, 0)", (domain, DAY))


class Evaluator:
    """dmarceval --stream."""
    def __init__(self, program, history, options):
        self.process = subprocess.Popen([program, "-a", "mx", "--db", history, "--stream"] + options,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        """Counts what comes out."""
        stream = self.process.stdout
        while True:
            for _ in range(2):
                digits = b""
                while (byte := stream.read(1)) not in (b":", b""):
                    digits += byte
                if not digits:
                    return
                stream.read(int(digits) + 1)
            self.count += 1

    def send(self, domain, address, passes):
        """One message."""
        attributes = "client_address=%s\nclient_name=unknown\nhelo_name=x\nsender=a@%s\nresult=spf=%s smtp.mailfrom=%s\n" % (
            address, domain, "pass" if passes else "fail", domain)
        message = "From: a@%s\n\nx\n" % domain
        self.process.stdin.write(b"%d:%s,%d:%s," % (len(attributes), attributes.encode(), len(message), message.encode()))

    def end(self):
        """How many there were."""
        self.process.stdin.close()
        self.reader.join()
        self.process.wait()
        return self.count


def write_zone(path, lines):
    """A file of -z."""
    with open(path, "w", encoding="ascii") as stream:
        stream.write("\n".join(lines) + "\n")


def address_of(i):
    """One of many."""
    return "2001:db8::%x:%x" % (i >> 16, i & 0xffff)


def records(count, history, program, *organization):
    """The zone has some of the domains at a time, as a zone file is limited to 64 MiB."""
    count, done = int(count), 0
    for start in range(0, count, 400):
        lines = ['_dmarc.longrecord.test. TXT "v=DMARC1; p=none"'] if organization else []
        numbers = range(start, min(start + 400, count))
        for i in numbers:
            text = record_of("_dmarc.n%d.longrecord.test" % i)
            strings = " ".join('"%s"' % text[j:j + 255] for j in range(0, len(text), 255))
            lines.append("_dmarc.n%d.longrecord.test. TXT %s" % (i, strings))
        write_zone("records.zone", lines)
        evaluator = Evaluator(program, history, ["-z", "records.zone", "-t", str(DAY * DAY_SECONDS)])
        for i in numbers:
            evaluator.send("n%d.longrecord.test" % i, "192.0.2.1", False)
        done += evaluator.end()
    print("%d messages" % done)


def spoofs(history, program, day, count):
    """A known domain has been seen the day before; zones of 100,000 domains at a time."""
    honest = ['_dmarc.known.honest. TXT "v=DMARC1; p=none"', '_dmarc.new.honest. TXT "v=DMARC1; p=none"']
    write_zone("spoofs.zone", honest)
    evaluator = Evaluator(program, history, ["-z", "spoofs.zone", "-t", str(int(day) - DAY_SECONDS)])
    evaluator.send("known.honest", "192.0.2.1", False)
    evaluator.end()
    done = 0
    for start in range(0, int(count), 100000):
        numbers = range(start, min(start + 100000, int(count)))
        write_zone("spoofs.zone", honest + ['_dmarc.s%d.spoofed%d. TXT "v=DMARC1; p=reject; rua=mailto:x@s%d.spoofed%d"'
                                            % (i, i, i, i) for i in numbers])
        evaluator = Evaluator(program, history, ["-z", "spoofs.zone", "-t", day])
        for i in numbers:
            evaluator.send("s%d.spoofed%d" % (i, i), "192.0.2.1", False)
        done += evaluator.end()
    evaluator = Evaluator(program, history, ["-z", "spoofs.zone", "-t", day])
    for i in range(10):
        evaluator.send("known.honest", "192.0.2.%d" % i, False)
        evaluator.send("new.honest", "192.0.2.%d" % i, True)
    evaluator.end()
    print("%d messages" % done)


def one(history, program, day, count):
    """One domain."""
    write_zone("one.zone", ['_dmarc.big.test. TXT "v=DMARC1; p=none"', '_dmarc.sub.big.test. TXT "v=DMARC1; p=none"'])
    first = Evaluator(program, history, ["-z", "one.zone", "-t", str(int(day) - DAY_SECONDS)])
    first.send("big.test", "192.0.2.1", False)
    first.end()
    evaluator = Evaluator(program, history, ["-z", "one.zone", "-t", day])
    for i in range(int(count)):
        evaluator.send("big.test", address_of(i), False)
    print("%d messages" % evaluator.end())


def zone():
    """The honest answers."""
    for i in range(10):
        print("h%d.honest._report._dmarc.wants.honest. TXT \"v=DMARC1\"" % i)


globals()[sys.argv[1]](*sys.argv[2:])
