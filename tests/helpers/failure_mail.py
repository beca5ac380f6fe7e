"""Reads failure reports (RFC 9991) as a program of another would: prints the fields of each."""
import email
import email.policy
import sys


def show(path):
    """One mail: its parts, and the fields of the report."""
    with open(path, "rb") as stream:
        message = email.message_from_binary_file(stream, policy=email.policy.default)
    if message.get_content_type() != "multipart/report":
        raise ValueError("not multipart/report")
    if message.get_content_type() == "multipart/report" and message.get_param("report-type") != "feedback-report":
        raise ValueError("report-type " + str(message.get_param("report-type")))
    parts = list(message.iter_parts())
    types = [part.get_content_type() for part in parts]
    if types != ["text/plain", "message/feedback-report", "text/rfc822-headers"]:
        raise ValueError("parts " + " ".join(types))
    if message.defects or any(part.defects for part in parts):
        raise ValueError("defects")
    payload = parts[1].get_payload()
    report = payload[0] if isinstance(payload, list) else email.message_from_string(payload)
    for name, value in report.items():
        print("%s: %s" % (name, " ".join(value.split())))
    print("--")
    print(parts[2].get_payload())


for name in sys.argv[1:]:
    show(name)
