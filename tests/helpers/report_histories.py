#!/usr/bin/python3
"""Generates histories, and reads the reports on them back.

usage: report_histories.py fill DB DAY MESSAGES DOMAINS [SEED]
       report_histories.py check COUNT DIR [legacy]
       report_histories.py mails|extract FILE...

fill: puts so many messages of so many policy domains into a history, on a day (2026-11-22).
check: makes so many histories in DIR, has dmarcreport print the reports on each, reads them with
a reader of its own, compares them with the history and leaves the XML files there; it prints what
it has found. mails: reads files with one mail each, prints the sums. extract: leaves the XML text of
each file NAME.eml in NAME.xml.
"""
import base64
import calendar
import email
import email.policy
import gzip
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree

TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("DMARCREPORT", os.path.join(TREE, "dmarcreport", "dmarcreport"))
EVALUATOR = PROGRAM.replace("dmarcreport", "dmarceval")
DAY_SECONDS = 86400
NOW = calendar.timegm((2028, 6, 1, 0, 0, 0))
DAYS = ["2026-11-22", "2028-02-28", "2028-02-29", "2028-03-01", "2027-12-31", "2028-01-01"]
LONG = ".".join(["x" * 63, "y" * 63, "z" * 63, "w" * 56, "test"])  # 253 octets
HOSTILE = ["a&b<c.test", "xn--mnchen-3ya.test", LONG, "]]>.test", 'q"uote.test', "it's.test",
           "--><!--.test", "%s%n.test", "a;b.test", "_under.test", "xn--bcher-kva.example",
           "\\back.test", "&amp;.test", "{}.test", "a=b.test"]
PERMISSION = "._report._dmarc.a.test"
RESULTS = ["none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"]
REASONS = ["", "policy_test_mode ", "local_policy list of hosts", "mailing_list a&b <c> \"d\"",
           "other \x01\x02 control \xef\xbf\xbf and more".encode("latin-1").decode("utf-8"),
           "trusted_forwarder \u00e4\u00f6\n other second"]
SOURCES = ["192.0.2.%d", "2001:db8::%x", "2001:db8:0:1:2:3:4:%x", "::ffff:0:%x"]
RECORDS = ["", "; sp=none", "; sp=quarantine; np=reject", "; np=none; t=y", "; t=y; adkim=s; aspf=s",
           "; psd=y", "; adkim=s"]
COLUMNS = ("day, policy, source, header_from, envelope_from, spf_domain, spf_result, dkim,"
           " disposition, spf_aligned, dkim_aligned, reasons, origin, count")


def day_number(text):
    """Days from 1970-01-01."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%d")) // DAY_SECONDS


def create(database):
    """An empty history: dmarceval makes it with a message, which is taken out again."""
    zone = database + ".new"
    with open(zone, "w", encoding="ascii") as stream:
        stream.write("_dmarc.new.test. TXT \"v=DMARC1; p=none\"\n")
    subprocess.run([EVALUATOR, "-a", "new.test", "-z", zone, "-i", "192.0.2.1", "--db", database],
                   input=b"From: a@new.test\n\n", check=True, stdout=subprocess.DEVNULL)
    os.unlink(zone)
    with sqlite3.connect(database) as connection:
        for table in ("messages", "policy", "quota"):
            connection.execute("DELETE FROM " + table)


def add_policy(connection, domain, record):
    """The number of a policy."""
    return connection.execute("INSERT INTO policy(domain, record) VALUES(?, ?)",
                              (domain, record)).lastrowid


def fill(database, day, messages, domains, seed=1):
    """As a site of some size has them: some sources for each domain, some forgers."""
    rng = random.Random(seed)
    create(database)
    rows = {}
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        policies = []
        for i in range(domains):
            name = "domain%d.example" % i
            policies.append((add_policy(connection, name,
                                        "v=DMARC1; p=reject; rua=mailto:dmarc@" + name), name))
        for _ in range(messages):
            policy, name = policies[min(int(rng.expovariate(4 / domains)), domains - 1)]
            good = rng.random() < 0.8
            source = "192.0.%d.%d" % (rng.randrange(4) if good else rng.randrange(256),
                                      rng.randrange(256))
            row = (day, policy, source, name, "bounce." + name, "bounce." + name,
                   "pass" if good else "fail",
                   ("pass" if good else "fail") + " %s mail" % name,
                   "pass" if good else "reject", "pass" if good else "fail",
                   "pass" if good else "fail", "", 1)
            rows[row] = rows.get(row, 0) + 1
        connection.executemany("INSERT INTO messages(%s) VALUES(%s)" % (COLUMNS, ",".join("?" * 14)),
                               [row + (count,) for row, count in rows.items()])


def hostile_row(rng, day, policy, domain):
    """A row that a merged or damaged history may have."""
    spf = rng.choice(["", domain, rng.choice(HOSTILE), "nul\x00after.test"])
    dkim = "\n".join("%s %s %s" % (rng.choice(RESULTS), rng.choice(HOSTILE + [domain]),
                                   rng.choice(["s1", "", "a&b", "x" * 63]))
                     for _ in range(rng.choice([0, 1, 2, 5, 120])))
    return (day, policy, rng.choice(SOURCES) % rng.randrange(1, 250),
            rng.choice([domain, "sub." + domain[:200]]), spf, spf, rng.choice(RESULTS), dkim,
            rng.choice(["none", "pass", "quarantine", "reject"]), rng.choice(["pass", "fail"]),
            rng.choice(["pass", "fail"]), rng.choice(REASONS), 1)


def generate(database, seed):
    """A history of some policies on some days; what is in it, by day and policy."""
    rng = random.Random(seed)
    create(database)
    expected = {}
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for domain in rng.sample(HOSTILE, 3) + ["example%d.org" % seed]:
            record = "v=DMARC1; p=" + rng.choice(["none", "quarantine", "reject"])
            domain = domain[-(253 - len(PERMISSION)):]
            record += rng.choice(RECORDS) + "; rua=mailto:r@a.test"
            record += rng.choice(["", "; fo=1", "; fo=1:d:s"])
            policy = add_policy(connection, domain, record)
            for day in rng.sample(DAYS, 2):
                rows = {}
                for _ in range(rng.choice([1, 3, 40])):
                    rows[hostile_row(rng, day_number(day), policy, domain)] = rng.randrange(1, 2000)
                connection.executemany(
                    "INSERT OR REPLACE INTO messages(%s) VALUES(%s)" % (COLUMNS, ",".join("?" * 14)),
                    [row + (count,) for row, count in rows.items()])
                expected[(day, domain)] = sum(rows.values())
    return expected


class Reader:
    """A reader of report mails of its own: no schema, no XML library."""

    ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}

    def __init__(self, data):
        self.message = email.message_from_bytes(data, policy=email.policy.default)
        part = list(self.message.iter_attachments())[0]
        self.name = part.get_filename()
        self.xml = gzip.decompress(base64.b64decode(part.get_payload())).decode("utf-8")
        self.values = {}
        self.records = 0
        self.read()

    def read(self):
        """Goes through the tags."""
        path = []
        position = 0
        for match in re.finditer(r"<(/?)([a-z_]+)( [^<>]*)?>|<\?xml[^<>]*\?>", self.xml):
            text = self.xml[position:match.start()]
            position = match.end()
            if "<" in text or ">" in text:
                raise ValueError("stray < or >")
            if match.group(2) is None:
                continue
            if not match.group(1):
                path.append(match.group(2))
                self.records += path == ["feedback", "record"]
                continue
            if path[-1] != match.group(2):
                raise ValueError("tags cross")
            if text.strip() or not self.xml.endswith("\n", 0, match.start()):
                self.values.setdefault("/".join(path[1:]), []).append(self.decode(text))
            path.pop()
        if path:
            raise ValueError("tags are open")

    def decode(self, text):
        """Entities undone."""
        return re.sub(r"&([^;]*);?", lambda match: self.ENTITIES[match.group(1)], text)

    def one(self, path):
        """The only value."""
        values = self.values[path]
        if len(values) != 1:
            raise ValueError(path + " is there %d times" % len(values))
        return values[0]

    def count(self):
        """Messages in all records; expat has to find the same."""
        own = sum(int(value) for value in self.values["record/row/count"])
        tree = xml.etree.ElementTree.fromstring(self.xml.encode("utf-8"))
        expat = sum(int(element.text) for element in tree.iter()
                    if element.tag.rsplit("}", 1)[-1] == "count")
        if own != expat:
            raise ValueError("two readers count %d and %d" % (own, expat))
        return own

    def day(self):
        """The day, whose first and last second the report names."""
        begin = int(self.one("report_metadata/date_range/begin"))
        end = int(self.one("report_metadata/date_range/end"))
        if begin % DAY_SECONDS or end - begin != DAY_SECONDS - 1:
            raise ValueError("no UTC day: %d to %d" % (begin, end))
        return time.strftime("%Y-%m-%d", time.gmtime(begin))

    def check_names(self):
        """The Report-ID is the same wherever it stands, and so are domain and days."""
        name = self.one("report_metadata/report_id")
        domain = self.one("policy_published/domain")
        begin = self.one("report_metadata/date_range/begin")
        end = self.one("report_metadata/date_range/end")
        tail = "!%s!%s!%s.xml.gz" % (begin, end, name)
        if not self.name.startswith("mx.example.net!") or not self.name.endswith(tail):
            raise ValueError("file name " + self.name)
        middle = self.name[len("mx.example.net!"):-len(tail)]
        if middle != domain and (len(domain) < 180 or not domain.endswith("." + middle)):
            raise ValueError("domain in file name " + self.name)
        if len(self.name) > 250:
            raise ValueError("long file name " + self.name)
        subject = " ".join(self.message["Subject"].split())
        if subject != "Report Domain: %s Submitter: mx.example.net Report-ID: <%s>" % (domain, name):
            raise ValueError("subject " + subject)
        if not self.message["Message-ID"].startswith("<%s." % name):
            raise ValueError("Message-ID " + self.message["Message-ID"])
        return domain


def print_reports(database, directory, options):
    """The mails that dmarcreport writes."""
    os.makedirs(directory)
    zone = database + ".zone"
    with open(zone, "w", encoding="ascii") as stream:
        stream.write("*%s. TXT \"v=DMARC1\"\n" % PERMISSION)
    subprocess.run([PROGRAM, "print", "--db", database, "--org", "Br\u00e4u & S\u00f6hne <\"x\">",
                    "--email", "dmarc@example.net", "-a", "mx.example.net", "--contact",
                    "https://example.net/?a=1&b=<2>", "-z", zone, "-t", str(NOW), "-o", directory]
                   + options, check=True)
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as stream:
            yield os.path.join(directory, name), stream.read()


def check(count, directory, options):
    """All histories."""
    reports = messages = wrong = 0
    for seed in range(count):
        database = os.path.join(directory, "h%d.db" % seed)
        expected = generate(database, seed)
        found = {}
        for path, data in print_reports(database, os.path.join(directory, "m%d" % seed), options):
            reader = Reader(data)
            found[(reader.day(), reader.check_names())] = reader.count()
            with open(path[:-len(".eml")] + ".xml", "w", encoding="utf-8") as stream:
                stream.write(reader.xml)
        wrong += found != expected
        reports += len(found)
        messages += sum(found.values())
    print("histories=%d reports=%d messages=%d wrong=%d" % (count, reports, messages, wrong))


def mails(paths):
    """Sums over files."""
    messages = records = 0
    for path in paths:
        with open(path, "rb") as stream:
            reader = Reader(stream.read())
        messages += reader.count()
        records += reader.records
    print("mails=%d records=%d messages=%d" % (len(paths), records, messages))


def extract(paths):
    """The XML texts."""
    for path in paths:
        with open(path, "rb") as stream:
            text = Reader(stream.read()).xml
        with open(path[:-len(".eml")] + ".xml", "w", encoding="utf-8") as stream:
            stream.write(text)


def main(arguments):
    """Chooses the job."""
    if arguments[0] == "fill":
        fill(arguments[1], day_number(arguments[2]), *map(int, arguments[3:]))
    elif arguments[0] == "check":
        check(int(arguments[1]), arguments[2], ["--legacy"] if arguments[3:] == ["legacy"] else [])
    elif arguments[0] == "extract":
        extract(arguments[1:])
    else:
        mails(arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
