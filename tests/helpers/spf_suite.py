#!/usr/bin/python3
"""Runs suites of SPF test cases through spfcheck and prints TAP: spf_suite.py [FILE...]

A file is YAML, gzipped or not, in the format of the openspf.org suites: one document
a scenario, with "zonedata" and "tests". By default those for RFC 7208 and
RFC 4408 that Debian's python3-spf brings along. Each test is a process of its own.

How zonedata is read, as all who run these suites read it:
  SPF      a record of the obsolete type; it stands for a TXT record too, unless the name
           has TXT records listed, be it "TXT: NONE", which means that there are none
  TIMEOUT  in a list of records: questions for types that are not listed are not answered
  DEFAULT  as an explanation: the domain gives none that can be used

The program is $SPFCHECK, by default the one in the tree.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import yaml

SUITES = [
    "/usr/share/doc/python3-spf/rfc7208-tests.yml.gz",
    "/usr/share/doc/python3-spf/rfc4408-tests.yml.gz",
]
RECEIVER = "mx.test"
TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("SPFCHECK", os.path.join(TREE, "spfcheck", "spfcheck"))
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"


def as_list(value):
    """A single value where a list is allowed too."""
    return value if isinstance(value, list) else [value]


def owner_name(name):
    """A domain name of a zone file; without labels it is the root."""
    return "".join(c if c in PLAIN else "\\%03d" % ord(c) for c in name) or "."


def quoted(text):
    """One character-string of a zone file."""
    return '"' + "".join("\\%03d" % octet for octet in text.encode("utf-8")) + '"'


def data_of(rtype, value):
    """The data of a record."""
    if rtype == "TXT":
        return " ".join(quoted(string) for string in as_list(value) or [""])
    if rtype == "MX":
        return "%d %s" % (value[0], owner_name(value[1]))
    return owner_name(value) if rtype in ("CNAME", "PTR") else value


def records_of(entries):
    """The records of a name as (type, value), and whether other questions time out."""
    listed = [pair for entry in entries if entry != "TIMEOUT" for pair in entry.items()]
    types = {rtype for rtype, _ in listed}
    records = [(rtype, value) for rtype, value in listed if rtype != "SPF" and value != "NONE"]
    if "TXT" not in types:
        records += [("TXT", value) for rtype, value in listed if rtype == "SPF"]
    return records, "TIMEOUT" in entries


def zone_text(zonedata):
    """The zone file of a scenario. There, TIMEOUT is for all types; TXT is what matters."""
    lines = []
    for name, entries in zonedata.items():
        records, is_silent = records_of(entries)
        if is_silent and "TXT" not in [rtype for rtype, _ in records]:
            lines.append("%s TIMEOUT" % owner_name(name))
            continue
        lines += ["%s %s %s" % (owner_name(name), rtype, data_of(rtype, value))
                  for rtype, value in records]
    return "".join(line + "\n" for line in lines)


def check(case, zone):
    """What spfcheck says about a case."""
    run = subprocess.run(
        [PROGRAM, "-n", "-j", "-z", zone, "-a", RECEIVER, "-i", case["host"], "-H", case["helo"],
         "-f", case["mailfrom"]],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        check=False)
    try:
        return json.loads(run.stdout)
    except ValueError:
        return {"result": "exit %d" % run.returncode, "reason": run.stderr.decode(errors="replace")}


def differences(case, got):
    """What is not as wanted, one line each."""
    found = []
    if got["result"] not in as_list(case["result"]):
        found.append("result: %s instead of %s" % (got["result"], case["result"]))
    wanted = case.get("explanation")
    if wanted is not None and got.get("explanation") != wanted.replace("DEFAULT", ""):
        found.append("explanation: %s instead of %s" % (got.get("explanation"), wanted))
    if found:
        found.append("reason: %s" % got.get("reason"))
    return found


def scenarios(path):
    """The documents of a suite."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as stream:
        yield from yaml.safe_load_all(stream)


def main(files):
    """One test point a case."""
    count = failed = 0
    for path in files:
        suite = os.path.basename(path).split(".")[0]
        for scenario in scenarios(path):
            with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
                zone.write(zone_text(scenario["zonedata"]))
                zone.flush()
                for name, case in scenario["tests"].items():
                    count += 1
                    found = differences(case, check(case, zone.name))
                    failed += bool(found)
                    print("%sok %d - %s %s (%s)" % (
                        "not " if found else "", count, suite, name, case["spec"]))
                    for line in found:
                        print("#   " + line.replace("\n", " "))
    print("1..%d" % count)
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or SUITES))
