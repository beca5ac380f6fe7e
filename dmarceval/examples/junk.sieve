# Spoofed mail into Junk: /etc/dovecot/sieve/junk.sieve
#
# The first test is for what SpamAssassin calls spam; the second works without it: DMARC failed,
# and the domain in From asks to quarantine or reject such mail.
require ["fileinto", "mailbox"];

if anyof (header :contains "X-Spam-Flag" "YES",
          header :matches "Authentication-Results" [
              "mx.example.com; dmarc=fail (p=* dis=quarantine)*",
              "mx.example.com; dmarc=fail (p=* dis=reject)*"]) {
	fileinto :create "Junk";
	stop;
}
