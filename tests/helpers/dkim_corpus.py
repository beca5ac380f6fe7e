#!/usr/bin/python3
"""Runs a collection of signed messages through dkimverify and prints TAP: dkim_corpus.py DIRECTORY

The directory (or dkim/ in it) holds
  SOURCE/*.eml   messages, byte for byte
  SOURCE/zone    the DNS they were signed for
  expected.tsv   one line a signature, separated by tabs: file, number of the signature (0 is
                 the topmost), expected result, also acceptable, why, source
Results are compared by class: pass, temperror, and all others, which do not pass.
The program is $DKIMVERIFY, by default the one in the tree.
"""
import collections
import json
import os
import subprocess
import sys

NOW = 1760000000  # later than every t= that matters, earlier than every x= that does not expire
TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("DKIMVERIFY", os.path.join(TREE, "dkimverify", "dkimverify"))

Line = collections.namedtuple("Line", "file index expected acceptable reason")


def class_of(result):
    """All that a receiver distinguishes."""
    return result if result in ("pass", "temperror") else "not pass"


def read_lines(directory):
    """The expectations, one for each signature."""
    with open(os.path.join(directory, "expected.tsv"), encoding="utf-8") as table:
        for text in table:
            cells = text.rstrip("\n").split("\t")
            if text.startswith("#") or len(cells) < 3:
                continue
            cells += [""] * (5 - len(cells))
            yield Line(cells[0], int(cells[1]), cells[2], cells[3].replace(",", " ").split(),
                       cells[4])


def verify(directory, file):
    """What dkimverify says about a message: results by the number of the signature."""
    path = os.path.join(directory, file)
    zone = os.path.join(os.path.dirname(path), "zone")
    with open(path, "rb") as message:
        run = subprocess.run(
            [PROGRAM, "-n", "-j", "--allow-length", "--zone", zone, "--time", str(NOW)],
            stdin=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            check=False)
    try:
        lines = [json.loads(line) for line in run.stdout.splitlines()]
    except ValueError:
        lines = []
    if not lines:
        print("# %s: exit %d: %s" % (file, run.returncode, run.stderr.decode(errors="replace")))
    return {line["index"]: line for line in lines}


def judge(line, result):
    """One test point; returns whether it is good."""
    got = result["result"] if result else "no result"
    classes = {class_of(wanted) for wanted in [line.expected] + line.acceptable}
    return got != "no result" and class_of(got) in classes


def is_false_pass(line, result):
    """The worst that can happen."""
    return bool(result) and result["result"] == "pass" and "pass" not in (
        [line.expected] + line.acceptable)


def main():
    """The plan, one point for each signature, and one for what must never happen."""
    directory = sys.argv[1] if len(sys.argv) == 2 else ""
    if os.path.isdir(os.path.join(directory, "dkim")):
        directory = os.path.join(directory, "dkim")
    if not os.path.isfile(os.path.join(directory, "expected.tsv")):
        print("1..0 # SKIP no collection of messages at '%s'" % directory)
        return 0
    lines = list(read_lines(directory))
    results = {file: verify(directory, file) for file in {line.file for line in lines}}
    failed = false_passes = 0
    for number, line in enumerate(lines, 1):
        result = results[line.file].get(line.index)
        good = judge(line, result)
        failed += not good
        false_passes += is_false_pass(line, result)
        print("%sok %d - %s signature %d: %s %s" % (
            "" if good else "not ", number, line.file, line.index, line.expected, line.reason))
        if not good:
            print("# got: %s" % json.dumps(result))
    print("%sok %d - no signature passes that must not" % (
        "not " if false_passes else "", len(lines) + 1))
    print("1..%d" % (len(lines) + 1))
    return 1 if failed or false_passes else 0


sys.exit(main())
