#!/usr/bin/python3
"""The policy service beside policyd-spf-python: the same requests, and the same actions.

usage: policy_differential.py REQUESTS DIRECTORY SPFCHECK

For each configuration below a policyd-spf.conf is written to DIRECTORY, SPFCHECK --import makes a
command line of it, and both services answer REQUESTS requests, made from a seed. DNS is that of
the machine. Printed is a line for each configuration, and one for each difference that is none of
those that spfcheck(1) documents; the status is 1 then.
"""
import collections
import random
import subprocess
import sys

LISTS = """Whitelist = 192.0.2.77
HELO_Whitelist = relay.test
Domain_Whitelist = forwarder.test,soft.test
Domain_Whitelist_PTR = pool.test
"""

CONFIGURATIONS = {
    "defaults": "",
    "softfail": "HELO_reject = Softfail\nMail_From_reject = Softfail\n",
    "not pass": "HELO_reject = SPF_Not_Pass\nMail_From_reject = SPF_Not_Pass\n",
    "HELO never": "HELO_reject = False\nPermError_reject = True\nTempError_Defer = True\n",
    "MAIL FROM never": "Mail_From_reject = False\nPermError_reject = True\nTempError_Defer = True\n",
    "HELO null": "HELO_reject = Null\nPermError_reject = True\nTempError_Defer = True\n",
    "HELO not checked": "HELO_reject = No_Check\n",
    "MAIL FROM not checked": "Mail_From_reject = No_Check\n",
    "no mail": "No_Mail = True\nPermError_reject = True\n",
    "errors count": "PermError_reject = True\nTempError_Defer = True\nHeader_Type = AR\nAuthserv_Id = mx.test\n",
    "lists": LISTS,
    "domains, restrictions": "Reject_Not_Pass_Domains = soft.test,neutral.test\n"
                             "Mail_From_pass_restriction = good_sender\n"
                             "HELO_pass_restriction = good_helo\n",
    "test only": "TestOnly = 0\nTempError_Defer = True\n",
    "no field": "Header_Type = None\nVoid_Limit = 4\n",
}

CLIENTS = ["192.0.2.10", "192.0.2.10", "192.0.2.11", "192.0.2.77", "198.51.100.7", "203.0.113.5",
           "2001:db8::10", "2001:db8::11", "127.0.0.1", "::1"]
NAMES = ["pass", "fail", "soft", "neutral", "none", "perm", "two", "temp", "nomail", "nomailexp",
         "include", "redirect", "many", "void", "macro", "ptr", "mx", "forwarder", "relay", "dead"]


def requests(count):
    """The requests, each a dictionary; some are about a further recipient of a message."""
    generator = random.Random(20261128)
    made = []
    for number in range(count):
        if made and generator.random() < 0.2:
            made.append(dict(made[-1], recipient="carol@rcpt.test"))
            continue
        sender = generator.choice(NAMES)
        made.append({
            "request": "smtpd_access_policy", "protocol_state": "RCPT",
            "client_address": generator.choice(CLIENTS), "client_name": "unknown",
            "helo_name": generator.choice([generator.choice(NAMES) + ".test", "mail.none.test", ""]),
            "sender": generator.choice(["alice@%s.test" % sender, "alice@%s.test" % sender, ""]),
            "recipient": "bob@rcpt.test", "instance": "i.%d" % number,
        })
    return made


class Service:
    """One of the two."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def ask(self, request):
        """The action."""
        text = "".join("%s=%s\n" % item for item in request.items()) + "\n"
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode().strip()
        self.process.stdout.readline()
        return line[len("action="):]

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        self.process.wait()


def kind(action):
    """What Postfix does with it."""
    lower = action.lower()
    if lower.startswith("prepend x-comment") or lower.startswith(
            "prepend authentication-results: mx.test; none"):
        return "exempt"
    for start, name in (("prepend", "prepend"), ("dunno", "dunno"), ("550 5.7.23", "reject"),
                        ("550 5.7.24", "reject"), ("defer_if_permit", "defer")):
        if lower.startswith(start):
            return name
    return action


def documented(name, request, theirs, ours, first):
    """Which paragraph of spfcheck(1) tells of a difference, or None."""
    if theirs == "exempt" and ours == "dunno":
        return "no X-Comment field"
    if theirs == "exempt" and ours == "prepend":
        return "lists that ask DNS are for what would be refused"
    if theirs == "dunno" and ours == "dunno":
        return "the same"
    if theirs == "dunno" and first == "lists that ask DNS are for what would be refused":
        return first
    if name == "test only" and theirs == "dunno" and ours == "prepend":
        return "--dry-run gives the field"
    if name == "no mail" and "nomailexp.test" in request["sender"] + request["helo_name"]:
        return "--only-no-mail: modifiers make no difference"
    if name == "no mail" and theirs == "prepend" and ours == "dunno" and request["recipient"].startswith("carol"):
        return "one field a message"
    if name == "no mail" and theirs == "reject" and "two.test" in request["sender"] + request["helo_name"]:
        return "--only-no-mail does not reject a permerror"
    if request["helo_name"] == "" and request["sender"] != "":
        return "a HELO name that is missing is not made of the sender"
    return None


def compare(name, count, directory, spfcheck):
    """One configuration; the number of differences that nothing explains."""
    path = directory + "/policyd.conf"
    with open(path, "w", encoding="ascii") as file:
        file.write("debugLevel = -1\nTestOnly = 1\n" if name != "test only" else "debugLevel = -1\n")
        file.write(CONFIGURATIONS[name])
    command = subprocess.run([spfcheck, "--import", path], stdout=subprocess.PIPE,
                             check=False).stdout.decode().split()
    theirs, ours = Service(["/usr/bin/policyd-spf", path]), Service([spfcheck] + command[1:] + ["-a", "mx.test"]
                                                                     if "--authserv-id" not in command
                                                                     else [spfcheck] + command[1:])
    explained, wrong, seen = collections.Counter(), 0, {}
    for request in requests(count):
        one, other = kind(theirs.ask(request)), kind(ours.ask(request))
        if one == other:
            explained["same"] += 1
            continue
        why = documented(name, request, one, other, seen.get(request["instance"]))
        seen[request["instance"]] = why
        explained[why or "not explained"] += 1
        if why is None:
            wrong += 1
            print("  %s: policyd-spf %s, spfcheck %s" % (
                {key: request[key] for key in ("client_address", "helo_name", "sender")}, one, other))
    theirs.close()
    ours.close()
    print("%s: %s" % (name, ", ".join("%d %s" % (number, text) for text, number in explained.most_common())))
    return wrong


def main(count, directory, spfcheck):
    """All of them; the status."""
    wrong = sum(compare(name, count, directory, spfcheck) for name in CONFIGURATIONS)
    print("%d requests in %d configurations, %d differences that nothing explains" % (
        count, len(CONFIGURATIONS), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
