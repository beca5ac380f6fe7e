#!/usr/bin/python3
"""From fields as nobody should write them, read by Python's email package and by dmarceval.

usage: from_fields.py [-n COUNT] [-s SEED] [-v]
       from_fields.py --list [-n COUNT] [-s SEED]    the fields alone, a Python literal a line

Sixty seeds are changed at random. Whenever Python shows an address of bank.example, which asks to
reject what fails, or of a domain below it, dmarceval must not find that nothing is to be done:
nothing authenticates bank.example, while everything is signed by evil.test. Prints TAP: one point,
after a line for each exception. Fields go through one process, as a stream.
"""
import argparse
import email
import email.policy
import email.utils
import os
import random
import subprocess
import sys
import tempfile

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("DMARCEVAL", os.path.join(TREE, "dmarceval", "dmarceval"))
BANK = "bank.example"
ZONE = """\
_dmarc.bank.example. TXT "v=DMARC1; p=reject"
_dmarc.evil.test. TXT "v=DMARC1; p=reject"
"""
ATTRIBUTES = b"result=dkim=pass header.d=evil.test\nresult=spf=pass smtp.mailfrom=x@evil.test\n"

SEEDS = [
    b"service@bank.example",
    b"<service@bank.example>",
    b"Bank <service@bank.example>",
    b"Bank, Inc. <service@bank.example>",
    b"Doe, John <u@bank.example>",
    b"Doe, Jr., John <u@bank.example>",
    b"service@bank.example <service@bank.example>",
    b"info@bank.example via Form <info@bank.example>",
    b"<service@bank.example",
    b"service@bank.example.",
    b"Bank <service@bank.example.>",
    b"<<service@bank.example>>",
    b"Bank <service@bank.example> and more",
    b"Support @ Bank <service@bank.example>",
    b"service.@bank.example",
    b"Joe <a..b@bank.example>",
    b"[SPAM] Joe <a@bank.example>",
    b"Joe; x <a@bank.example>",
    b"Joe: x <a@bank.example>",
    b"Joe: x <a@bank.example>;",
    b"Joe\\, X <a@bank.example>",
    b"Joe x) <a@bank.example>",
    b"Joe (x <a@bank.example>",
    b"B\xe4nk <a@bank.example>",
    b"B\xc3\xa4nk <a@bank.example>",
    b"B\x1bnk <a@bank.example>",
    b"B\x00nk <a@bank.example>",
    b"service@bank.example <x@evil.test>",
    b"Bank <service@bank.example>, B <x@evil.test>",
    b"x@evil.test, service@bank.example",
    b"\"service@bank.example\" <x@evil.test>",
    b"\"Bank, Inc.\" <service@bank.example>",
    b"(service@bank.example) x@evil.test",
    b"x@evil.test (service@bank.example)",
    b"service@bank.example (Bank)",
    b"service@(c)bank.example",
    b"service @ bank . example",
    b"<@evil.test:service@bank.example>",
    b"<@bank.example:x@evil.test>",
    b"Bank: service@bank.example, x@evil.test;",
    b"Bank: service@bank.example;",
    b"\"a b\"@bank.example",
    b"\"x@evil.test\"@bank.example",
    b"\"service@bank.example\"@evil.test",
    b"=?utf-8?q?B=C3=A4nk?= <service@bank.example>",
    b"=?utf-8?b?QmFuaw==?= <service@bank.example>",
    b"=?utf-8?q?service=40bank=2Eexample?= <x@evil.test>",
    b"=?utf-8?b?c2VydmljZUBiYW5rLmV4YW1wbGU=?=@evil.test",
    b"service@bank.example@evil.test",
    b"x@evil.test@bank.example",
    b"service@bank.example, root",
    b"root, service@bank.example",
    b"x@evil.test; service@bank.example",
    b"<x@evil.test> <service@bank.example>",
    b"x@[192.0.2.1], service@bank.example",
    b"Bank\r\n <service@bank.example>",
    b"Bank <service@\r\n\tbank.example>",
    b"mailto:service@bank.example",
    b"Bank <mail.bank.example!service@bank.example>",
    b"ceo@mail.bank.example, \"\\\"\" <x@evil.test>",
]
PIECES = [
    b"\"", b"\\\"", b"\\", b"(", b")", b"<", b">", b"@", b",", b";", b":", b".", b"..", b"[", b"]", b" ", b"\t",
    b"\r\n ", b"\r", b"\n ", b"\x00", b"\x1b", b"\x7f", b"\xe4", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xef\xbc\xa0",
    b"=?", b"?=", b"=?utf-8?q?", b"=40", b"x@evil.test", b"<x@evil.test>", b"service@bank.example",
    b"<service@bank.example>", b"@bank.example", b"@evil.test", b"\"a\"", b"(c)", b"Bank", b", ", b" via ", b"root",
]


def changed(generator, field):
    """A field with some changes."""
    for _ in range(generator.randint(1, 4)):
        at = generator.randint(0, len(field))
        end = min(len(field), at + generator.randint(1, 6))
        kind = generator.randint(0, 5)
        if kind <= 2:
            field = field[:at] + generator.choice(PIECES) + field[at:]
        elif kind == 3:
            field = field[:at] + field[end:]
        elif kind == 4:
            field = field[:end] + field[at:end] + field[end:]
        else:
            other = generator.choice(SEEDS)
            field = field[:at] + other[generator.randint(0, len(other)):]
    return field


def fields(count, seed):
    """Every seed as it is, then changed ones."""
    generator = random.Random(seed)
    result = list(SEEDS[:count])
    while len(result) < count:
        result.append(changed(generator, generator.choice(SEEDS)))
    return result


def message_of(field):
    """A message from there."""
    return b"Received: x\r\nSubject: x\r\nFrom: " + field + b"\r\n\r\nbody\r\n"


def old_domains(message):
    """What the parser of email.utils shows, which most programs in Python use."""
    values = [str(value) for value in email.message_from_bytes(message).get_all("from", [])]
    if "strict" in email.utils.getaddresses.__code__.co_varnames:
        addresses = email.utils.getaddresses(values, strict=False)
    else:
        addresses = email.utils.getaddresses(values)
    return [address.rpartition("@")[2] for _, address in addresses if "@" in address]


def new_domains(message):
    """What the parser of email.headerregistry shows; some fields are too much for it."""
    domains = []
    try:
        for value in email.message_from_bytes(message, policy=email.policy.default).get_all("from", []):
            domains += [address.domain for address in value.addresses]
    except Exception:  # pylint: disable=broad-except
        return []
    return domains


def is_bank(domain):
    """Does the domain have the policy?"""
    name = domain.strip().rstrip(".").lower()
    return name == BANK or name.endswith("." + BANK)


def netstring(octets):
    """A netstring."""
    return b"%d:%s," % (len(octets), octets)


def read_netstrings(octets):
    """All of them."""
    at = 0
    while at < len(octets):
        colon = octets.index(b":", at)
        end = colon + 1 + int(octets[at:colon])
        yield octets[colon + 1:end]
        at = end + 1


def dispositions(messages):
    """What dmarceval says of each of them: attributes as a mapping, repeated ones the last."""
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
        zone.write(ZONE)
        zone.flush()
        stream = b"".join(netstring(ATTRIBUTES) + netstring(message) for message in messages)
        done = subprocess.run([PROGRAM, "--stream", "-a", "mx.example.com", "-z", zone.name], input=stream,
                              stdout=subprocess.PIPE, check=True)
    parts = list(read_netstrings(done.stdout))
    return [dict(line.split("=", 1) for line in attributes.decode("utf-8", "replace").splitlines())
            for attributes in parts[::2]]


def main():
    """One point of TAP."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("-s", type=int, default=1)
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    given = fields(options.n, options.s)
    if options.list:
        for field in given:
            print(repr(field))
        return 0
    messages = [message_of(field) for field in given]
    shown = exceptions = 0
    for field, message, verdict in zip(given, messages, dispositions(messages), strict=True):
        domains = old_domains(message) + new_domains(message)
        if not any(is_bank(domain) for domain in domains):
            continue
        shown += 1
        if options.v:
            print("# %r: %s" % (field, verdict))
        if verdict["disposition"] == "none":
            exceptions += 1
            print("# %r: Python shows %s, dmarceval says %s" % (field, domains, verdict))
    good = exceptions == 0 and shown > options.n // 5
    print("%sok 1 - %d fields; Python shows the bank in %d, and nothing is done about %d" %
          ("" if good else "not ", options.n, shown, exceptions))
    print("1..1")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
