#!/usr/bin/python3
"""Runs evaluation cases through dmarceval and prints TAP: dmarc_cases.py FILE...

A file is YAML with one list, "cases". Each case is a mapping:
  id, src   its name, and the section of RFC 9989 (or another source) it stands on
  zone      owner: TXT text, or a list of TXT records; a record that is itself a list
            gives its character-strings one by one
  exist     names that exist with a record of another type
  servfail, timeout   names for which every question ends so
  from      the From field as written, or a list of several such fields
  spf       [result, domain, scope]; scope is mfrom unless given, or helo
  dkim      list of [result, d=, s=]
  top       further fields, raw, above those made from spf and dkim
  want      what must come out: res (the result), alt (a result, or several, that will do too),
            org, pdom, tag ("forced": a policy that stands in for a bad one is shown as p),
            pol, disp, dk, sp, q (all names asked in search of the policy, in order),
            why (a part of the reason)
Other keys of a case and of want are not about evaluation and are passed over.
The program is $DMARCEVAL, by default the one in the tree.
"""
import json
import os
import subprocess
import sys
import tempfile

import yaml

ID = "mx.test"
STRING_MAX = 255  # RFC 1035 3.3: a character-string
TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("DMARCEVAL", os.path.join(TREE, "dmarceval", "dmarceval"))
KEYS = {
    "org": "org_domain",
    "pdom": "policy_domain",
    "tag": "policy_tag",
    "pol": "policy",
    "disp": "disposition",
    "dk": "dkim_aligned",
    "sp": "spf_aligned",
    "q": "queries",
}


def as_list(value):
    """A single value where a list is allowed too."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def quoted(text):
    """One character-string of a zone file."""
    octets = text.encode("utf-8")
    return '"' + "".join(
        chr(o) if 32 <= o < 127 and chr(o) not in '"\\' else "\\%03d" % o for o in octets
    ) + '"'


def txt_line(owner, record):
    """One TXT record; a long text is divided, as it is in the DNS."""
    strings = record
    if not isinstance(record, list):
        strings = [record[i:i + STRING_MAX] for i in range(0, len(record), STRING_MAX)] or [""]
    return "%s TXT %s" % (owner, " ".join(quoted(s) for s in strings))


def zone_text(case):
    """The zone file of a case."""
    lines = []
    for owner, records in (case.get("zone") or {}).items():
        lines += [txt_line(owner, record) for record in as_list(records)]
    lines += ["%s A 192.0.2.1" % name for name in as_list(case.get("exist"))]
    lines += ["%s SERVFAIL" % name for name in as_list(case.get("servfail"))]
    lines += ["%s TIMEOUT" % name for name in as_list(case.get("timeout"))]
    return "".join(line + "\n" for line in lines)


def spf_field(result, domain, scope="mfrom"):
    """The Authentication-Results field of an SPF verifier."""
    identity = "helo" if scope == "helo" else "mailfrom"
    return "Authentication-Results: %s; spf=%s smtp.%s=%s" % (ID, result, identity, domain)


def dkim_field(result, domain, selector="s"):
    """The Authentication-Results field of a DKIM verifier."""
    return "Authentication-Results: %s; dkim=%s header.d=%s header.s=%s" % (
        ID, result, domain, selector)


def message_of(case):
    """The message of a case: results on top, then the border of our trust and the From field."""
    fields = list(as_list(case.get("top")))
    if case.get("spf"):
        fields.append(spf_field(*case["spf"]))
    fields += [dkim_field(*signature) for signature in case.get("dkim") or []]
    if not any(field.lower().startswith("received:") for field in fields):
        fields.append("Received: from host.invalid by mx.test")
    fields += ["From: " + value for value in as_list(case.get("from"))]
    fields += ["To: postmaster@mx.test", "Subject: a case"]
    return "".join(field + "\n" for field in fields) + "\nbody\n"


def evaluate(case):
    """What dmarceval says about a case."""
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
        zone.write(zone_text(case))
        zone.flush()
        run = subprocess.run(
            [PROGRAM, "-n", "-j", "-z", zone.name, "-a", ID],
            input=message_of(case).encode("utf-8"), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60, check=False)
    try:
        return json.loads(run.stdout)
    except ValueError:
        return {"result": "exit %d: %s" % (run.returncode, run.stderr.decode(errors="replace"))}


def differences(want, got):
    """What is not as wanted, one line each."""
    found = []
    if got["result"] not in [want.get("res", got["result"])] + as_list(want.get("alt")):
        found.append("res: %s instead of %s" % (got["result"], want["res"]))
    for key, name in KEYS.items():
        wanted = want.get(key, got.get(name))
        if key == "tag" and wanted == "forced":
            wanted = "p"
        if got.get(name) != (wanted if wanted is not None else ""):
            found.append("%s: %s instead of %s" % (key, got.get(name), wanted))
    if want.get("why", "") not in got.get("reason", ""):
        found.append("why: %s" % got.get("reason"))
    return found


def main(files):
    """One test point a case."""
    count = failed = 0
    for path in files:
        with open(path, encoding="utf-8") as stream:
            cases = yaml.safe_load(stream)["cases"]
        for case in cases:
            count += 1
            found = differences(case["want"], evaluate(case))
            failed += bool(found)
            print("%sok %d - %s (%s)" % ("not " if found else "", count, case["id"], case["src"]))
            for line in found:
                print("#   " + line)
    print("1..%d" % count)
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
