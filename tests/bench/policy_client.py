#!/usr/bin/python3
"""Sends requests to an access policy service and says how it did.

usage: policy_client.py COUNT COMMAND [ARGUMENT...]

One request after the other, each about a message of its own with another sender, as
Postfix's smtpd does it. Printed are requests per second, not counting the first
hundred, the resident memory of COMMAND in KiB after 1000 requests and at the end, its CPU
time in microseconds a request, and which actions occurred.
"""
import os
import subprocess
import sys
import time

WARM_UP = 100
EARLY = 1000

REQUEST = """request=smtpd_access_policy
protocol_state=RCPT
protocol_name=ESMTP
helo_name=mail%(kind)d.bench.example
queue_id=
sender=user%(number)d@sender%(kind)d.bench.example
recipient=bob@rcpt.example
recipient_count=0
client_address=192.0.2.%(host)d
client_name=unknown
reverse_client_name=unknown
instance=1a2b.%(number)x.0
sasl_method=
sasl_username=
size=5000
encryption_protocol=

"""


def resident(pid):
    """VmRSS in KiB."""
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def processor(pid):
    """Microseconds of user and system time."""
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


def ask(service, number):
    """One request; the action that was answered."""
    fields = {"number": number, "kind": number % 10, "host": 1 + number % 200}
    service.stdin.write((REQUEST % fields).encode())
    service.stdin.flush()
    action = service.stdout.readline()
    if not action.startswith(b"action=") or service.stdout.readline() != b"\n":
        sys.exit("no answer to request %d: %r" % (number, action))
    return action


def main(count, command):
    """The figures, in one line."""
    early = 0
    kinds = set()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as service:
        for number in range(count):
            if number == WARM_UP:
                start, used = time.monotonic(), processor(service.pid)
            kinds.add(ask(service, number).split()[0])
            if number + 1 == EARLY:
                early = resident(service.pid)
        rate = (count - WARM_UP) / (time.monotonic() - start)
        cost = (processor(service.pid) - used) / (count - WARM_UP)
        late = resident(service.pid)
        service.stdin.close()
    actions = " ".join(sorted(kind.decode() for kind in kinds))
    print("%.0f %d %d %.0f %s" % (rate, early, late, cost, actions))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
