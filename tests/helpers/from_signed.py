#!/usr/bin/python3
"""Whether dkimsign signs every From field of one author that opendkim signs.

usage: from_signed.py OPENDKIM_AUTHOR KEYFILE [COUNT [SEED]]

The fields are those of from_fields.py. Of one author is a field in which every "@" is followed by
bank.example, and in which Python, too, sees no other domain. One difference is meant to be: beside
an address without a domain, which somebody else may complete with another one, nothing is signed.
Prints the differences and TAP.
"""
import email.utils
import os
import re
import subprocess
import sys

import from_fields

DKIMSIGN = os.environ.get("DKIMSIGN", os.path.join(from_fields.TREE, "dkimsign", "dkimsign"))


def has_nameless(field):
    """Is there, for Python, an address without a domain, as in "root, service@bank.example"?"""
    value = field.decode("latin-1").replace("\r\n", "")
    return any(address and "@" not in address for _, address in email.utils.getaddresses([value]))


def is_of_one_author(field):
    """Does nothing in it name anybody else?"""
    if b"@" not in field or b"\x00" in field or re.search(rb"[\r\n](?![ \t\n])", field):
        return False
    if any(not re.match(rb"bank\.example(?![\w.=\\-])", rest) for rest in field.split(b"@")[1:]):
        return False
    message = from_fields.message_of(field)
    domains = from_fields.old_domains(message) + from_fields.new_domains(message)
    return all(domain in ("", from_fields.BANK) for domain in domains)


def opendkim_domains(program, fields):
    """What opendkim finds."""
    done = subprocess.run([program], input=b"".join(field + b"\0" for field in fields), stdout=subprocess.PIPE,
                          check=True)
    return done.stdout.decode("latin-1").splitlines()


def are_signed(key, fields):
    """Whether dkimsign signs each of them."""
    stream = b"".join(from_fields.netstring(b"queue_id=x\n") + from_fields.netstring(from_fields.message_of(field))
                      for field in fields)
    done = subprocess.run([DKIMSIGN, "--stream", "-q", "-d", from_fields.BANK, "-s", "s", "-k", key], input=stream,
                          stdout=subprocess.PIPE, check=True)
    return [message.startswith(b"DKIM-Signature:")
            for message in list(from_fields.read_netstrings(done.stdout))[1::2]]


def main():
    """One point of TAP."""
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    given = [field for field in from_fields.fields(count, seed) if is_of_one_author(field)]
    theirs = [domain.lower() == from_fields.BANK for domain in opendkim_domains(sys.argv[1], given)]
    ours = are_signed(sys.argv[2], given)
    missing = [field for field, a, b in zip(given, theirs, ours, strict=True) if a and not b]
    unmeant = 0
    for field in missing:
        unmeant += not has_nameless(field)
        print("# not signed: %r%s" % (field, ", an address without a domain" if has_nameless(field) else ""))
    print("%sok 1 - of %d fields of one author opendkim signs %d, dkimsign %d; %d of opendkim's are left, %d of them without a reason" %
          ("not " if unmeant or not given else "", len(given), sum(theirs), sum(ours), len(missing), unmeant))
    print("1..1")
    return unmeant != 0


if __name__ == "__main__":
    sys.exit(main())
