# Spoofed mail into Junk: /etc/dovecot/sieve/junk.sieve
#
# The first test is for what SpamAssassin calls spam; the second works without it: DMARC says that
# this message is to be quarantined or rejected. The domain in From has asked for that, or nobody
# can tell who the message is from.
require ["fileinto", "mailbox"];

if anyof (header :contains "X-Spam-Flag" "YES",
          header :matches "Authentication-Results" [
              "mx.example.com; dmarc=* policy.dmarc=quarantine*",
              "mx.example.com; dmarc=* policy.dmarc=reject*"]) {
	fileinto :create "Junk";
	stop;
}
