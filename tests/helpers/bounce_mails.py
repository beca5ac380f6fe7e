"""Notices and answers that come to the address of our reports, in the forms of mail systems, ticket
systems and people; each with what has to come of it. Written by hand after what these programs send.

usage: bounce_mails.py DIRECTORY TOKEN ADDRESS DOMAIN: files NUMBER-WANTED-NAME, WANTED is final, now or nothing
       bounce_mails.py forged DIRECTORY TOKEN ADDRESS: the same with tokens that nobody has been given
"""
import base64
import os
import quopri
import sys


def copy_of(token, domain):
    """The head of the report that the notice returns."""
    return ("From: \"Example\" <dmarc@mx.example.net>\nTo: <%s>\n"
            "Subject: Report Domain: %s\n Submitter: mx.example.net\n Report-ID: <%s>\n"
            "Message-ID: <%s@mx.example.net>\nAuto-Submitted: auto-generated\n"
            % ("ADDRESS", domain, token.split(".")[0], token))


def dsn(text, recipient, head="From: MAILER-DAEMON@mail.example.org (Mail Delivery System)",
        encoding=None, subject="Undelivered Mail Returned to Sender", copy=None, boundary="BOUND/1",
        status_type="message/delivery-status", line_end="\n", report="delivery-status"):
    """RFC 3464, with a transfer encoding for all parts."""
    def part(kind, body):
        extra = ""
        if encoding == "base64":
            body = base64.encodebytes(body.encode()).decode()
            extra = "Content-Transfer-Encoding: base64\n"
        elif encoding == "quoted-printable":
            body = quopri.encodestring(body.encode(), quotetabs=True).decode().replace("Action", "=41ction")
            extra = "Content-Transfer-Encoding: quoted-printable\n"
        return "--%s\nContent-Type: %s\n%s\n%s\n" % (boundary, kind, extra, body)
    mail = ("Return-Path: <>\n%s\nTo: dmarc@mx.example.net\nSubject: %s\nAuto-Submitted: auto-replied\n"
            "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=%s;\n\tboundary=\"%s\"\n\n"
            "This is a MIME-encapsulated message.\n\n%s%s%s--%s--\n"
            % (head, subject, report, boundary, part("text/plain; charset=us-ascii", text),
               part(status_type, "Reporting-MTA: dns; mail.example.org\nArrival-Date: x\n\n" + recipient),
               part("text/rfc822-headers", copy), boundary))
    return mail.replace("\n", line_end)


def group(address, action="failed", status="5.1.1", diagnostic="smtp; 550 5.1.1 <ADDRESS>: no such user",
          original=None):
    """The fields about a recipient."""
    return ("%sFinal-Recipient: rfc822; %s\nAction: %s\nStatus: %s\nDiagnostic-Code: %s\n"
            % ("Original-Recipient: rfc822;%s\n" % original if original else "", address, action, status,
               diagnostic))


def plain(headers, body):
    """A mail that is only text."""
    return headers.rstrip("\n") + "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" + body


def notices(token, address, domain):
    """(wanted, name, mail) of each."""
    copy = copy_of(token, domain)
    failed = group(address)
    answer = "In-Reply-To: <%s@mx.example.net>\nReferences: <%s@mx.example.net>\n" % (token, token)
    daemon = "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: dmarc@mx.example.net\n"

    yield "final", "postfix", dsn("I'm sorry to have to inform you", failed, copy=copy)
    yield "final", "postfix-crlf", dsn("I'm sorry", failed, copy=copy, line_end="\r\n")
    yield "final", "base64", dsn("I'm sorry", failed, copy=copy, encoding="base64")
    yield "final", "quoted-printable", dsn("I'm sorry", failed, copy=copy, encoding="quoted-printable")
    yield "final", "folded-action", dsn("x", failed.replace("Action: failed", "Action:\n failed"), copy=copy)
    yield "final", "folded-recipient", dsn("x", failed.replace("rfc822; ", "rfc822;\n\t"), copy=copy)
    yield "final", "exchange", dsn("Your message couldn't be delivered.", group("RFC822;" + address).replace(
        "rfc822; RFC822", "rfc822"), copy=copy, subject="Undeliverable: Report Domain",
        head="From: Microsoft Outlook <postmaster@example.onmicrosoft.com>", boundary="_000_abc_")
    yield "final", "gmail", dsn("** Address not found **", failed, copy=copy,
                                head="From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
                                     "X-Failed-Recipients: " + address,
                                subject="Delivery Status Notification (Failure)")
    yield "final", "sendmail", dsn("   ----- The following addresses had permanent fatal errors -----\n<%s>" % address,
                                   failed, copy=copy, subject="Returned mail: see transcript for details")
    yield "final", "original-recipient", dsn("x", group("new@elsewhere.test", original=address), copy=copy)
    yield "final", "upper-case", dsn("x", group(address.upper(), action="FAILED"), copy=copy)
    yield "final", "two-recipients", dsn("x", group("other@example.org", "delivered", "2.0.0") + "\n" + failed, copy=copy)
    yield "final", "global", dsn("x", failed, copy=copy, status_type="message/global-delivery-status")
    yield "final", "nested", ("From: MAILER-DAEMON@gw.test\nContent-Type: multipart/mixed; boundary=OUT\n\n--OUT\n"
                              "Content-Type: text/plain\n\nscanned\n--OUT\n"
                              + dsn("x", failed, copy=copy).split("MIME-Version: 1.0\n", 1)[1] + "\n--OUT--\n")
    yield "final", "exim", plain(daemon + "Auto-Submitted: auto-replied\nX-Failed-Recipients: %s\n" % address,
                                 "This message was created automatically by mail delivery software.\n\n"
                                 "A message that you sent could not be delivered to one or more of its\n"
                                 "recipients. This is a permanent error. The following address(es) failed:\n\n"
                                 "  %s\n    SMTP error from remote mail server after RCPT TO:<%s>:\n    550 5.1.1 User unknown\n\n"
                                 "------ This is a copy of the message, including all the headers. ------\n\n%s"
                                 % (address, address, copy))
    yield "final", "qmail", plain(daemon.replace("Mail Delivery System ", "").replace("<MAILER-DAEMON@mx.example.org>", "MAILER-DAEMON@mx.example.org"),
                                  "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your "
                                  "message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
                                  "<%s>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n%s"
                                  % (address, copy))
    yield "final", "old-system", plain(daemon, "The following message could not be delivered.\n%s: 550 unknown user\n\n%s" % (address, copy))
    yield "now", "expired", dsn("x", group(address, "failed", "4.4.7", "X-Postfix; delivery temporarily suspended"), copy=copy)
    yield "now", "exim-retry", plain(daemon + "X-Failed-Recipients: %s\n" % address,
                                     "A message that you sent could not be delivered.\n\n  %s\n    retry timeout exceeded\n\n%s" % (address, copy))
    yield "now", "qmail-late", plain(daemon, "Hi. This is the qmail-send program at mx.example.org.\n\n<%s>:\nCNAME lookup failed "
                                     "temporarily. (#4.4.3)\nI'm not going to try again; this message has been in the queue too long.\n\n"
                                     "--- Below this line is a copy of the message.\n\n%s" % (address, copy))
    yield "now", "full", dsn("x", group(address, "failed", "4.2.2", "smtp; 452 4.2.2 mailbox full"), copy=copy)

    yield "nothing", "delayed", dsn("x", group(address, "delayed", "4.4.1"), copy=copy, subject="Delayed Mail (still being retried)")
    yield "nothing", "relayed", dsn("x", group(address, "relayed", "2.0.0"), copy=copy)
    yield "nothing", "delivered", dsn("x", group(address, "delivered", "2.0.0"), copy=copy)
    yield "nothing", "expanded", dsn("x", group(address, "expanded", "2.0.0"), copy=copy)
    yield "nothing", "bcc", dsn("x", group("archive@mx.example.net"), copy=copy)
    yield "nothing", "similar-address", dsn("x", group("x" + address), copy=copy)
    yield "nothing", "read", dsn("x", "Final-Recipient: rfc822;%s\nDisposition: manual-action/MDN-sent-manually; displayed\n" % address,
                                 copy=copy, report="disposition-notification", status_type="message/disposition-notification",
                                 head="From: postmaster@example.org", subject="Read: Report Domain")
    yield "nothing", "deleted-unread", dsn("x", "Final-Recipient: rfc822;%s\nDisposition: automatic-action/MDN-sent-automatically; deleted\n" % address,
                                           copy=copy, report="disposition-notification", status_type="message/disposition-notification")
    yield "nothing", "spam-complaint", dsn("x", "Feedback-Type: abuse\n", copy=copy, report="feedback-report", status_type="message/feedback-report")
    yield "nothing", "postmaster-writes", plain("From: Postmaster <postmaster@example.org>\n" + answer, "Thank you, please go on.\n")
    yield "nothing", "postmaster-quotes", plain("From: postmaster@example.org\n" + answer,
                                                "We see many rejects here:\n> Action: failed\n> Status: 5.1.1\n> 550 5.1.1 <%s> no such user\nCan you check?\n" % address)
    yield "nothing", "forwarded-bounce", ("From: carol@example.org\nContent-Type: multipart/mixed; boundary=OUT\n\n--OUT\nContent-Type: text/plain\n\n"
                                          "What is this?\n--OUT\nContent-Type: message/rfc822\n\n" + dsn("x", failed, copy=copy) + "\n--OUT--\n")
    yield "nothing", "exim-warning", plain(daemon + "Subject: Warning: message delayed 24 hours\n",
                                           "This message was created automatically by mail delivery software.\nA message that you sent has not yet "
                                           "been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to "
                                           "which the message has not yet been delivered is:\n\n  %s\n    550 5.1.1\n\nNo action is required on your part.\n\n%s"
                                           % (address, copy))
    yield "nothing", "sendmail-warning", plain(daemon + "Subject: Warning: could not send message for past 4 hours\n",
                                               "    ** THIS IS A WARNING MESSAGE ONLY **\n    ** YOU DO NOT NEED TO RESEND YOUR MESSAGE **\n\n"
                                               "   ----- The following addresses had transient non-fatal errors -----\n<%s>\n\n%s" % (address, copy))
    yield "nothing", "qmail-other", plain(daemon, "Hi. This is the qmail-send program at mx.example.org.\n\n<other@example.org>:\nSorry. (#5.1.1)\n\n"
                                          "--- Below this line is a copy of the message.\n\n<%s>:\n%s" % (address, copy))
    yield "nothing", "vacation", plain("From: %s\nAuto-Submitted: auto-replied (vacation)\n" % address + answer,
                                       "I am away until 550 days have passed. The address %s 5.1.1 is not read.\n" % address)
    yield "nothing", "ticket", plain("From: Support <support@example.org>\nPrecedence: bulk\nSubject: [#5511] received\n" + answer,
                                     "Your request has been received: ticket 5.1.1, 550 in the queue.\n")
    yield "nothing", "jira", plain("From: MAILER-DAEMON-bot <jira@example.org>\n" + answer, "%s cannot create issues: 550 5.7.1\n" % address)
    yield "nothing", "name-is-mailer-daemon", plain("From: MAILER-DAEMON <carol@example.org>\n" + answer, "%s: 550 5.1.1 no such user\n" % address)
    yield "nothing", "challenge", plain("From: %s\n" % address + answer, "Please click to confirm that you are human. 550\n")
    yield "nothing", "unsubscribe", plain("From: carol@example.org\n" + answer, "Remove %s from your list, 5.1.1!\n" % address)
    yield "nothing", "daemon-says-nothing", plain(daemon, "There was a problem with your mail.\n\n%s" % copy)
    yield "nothing", "moved", plain("From: carol@example.org\nAuto-Submitted: auto-replied\n" + answer,
                                    "I have left the company. 550 5.1.1 %s\n" % address)


def write(directory, token, address, domain):
    """All of them, and how many."""
    for number, (wanted, name, mail) in enumerate(notices(token, address, domain), 1):
        with open(os.path.join(directory, "%02d-%s-%s" % (number, wanted, name)), "w", encoding="utf-8", newline="") as stream:
            stream.write(mail.replace("ADDRESS", address))


def forged(directory, token, address):
    """Every final one with tokens made of a true one: another code, another report, cut, without it."""
    report, code = token.split(".")
    tokens = [report + ".1", report + "." + "0" * 16, report + "." + code[::-1], report + "." + code[:-1] + ("0" if code[-1] != "0" else "1"),
              report[:-1] + ("0" if report[-1] != "0" else "1") + "." + code, report + "." + code[:15], report, code]
    number = 0
    for fake in tokens:
        for wanted, name, mail in notices("x.y", address, "example.org"):
            if wanted != "final" or number >= 30 + tokens.index(fake) * 4:
                continue
            number += 1
            with open(os.path.join(directory, "%03d-%s" % (number, name)), "w", encoding="utf-8", newline="") as stream:
                stream.write(mail.replace("ADDRESS", address).replace("x.y@", fake + "@"))


if sys.argv[1] == "forged":
    forged(*sys.argv[2:])
else:
    write(*sys.argv[1:])
