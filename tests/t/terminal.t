#!/bin/sh
# A person at a terminal gets sentences; Postfix gets status codes.
. "$(dirname "$0")/lib.sh"
[ -x /usr/bin/python3 ] || skip_all 'needs python3 for a terminal'

# at_terminal INPUT COMMAND...: with a terminal for standard error, and for standard input if INPUT is -
at_terminal() {
	/usr/bin/python3 -c '
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
given = theirs if sys.argv[1] == "-" else open(sys.argv[1])
process = subprocess.Popen(sys.argv[2:], stdin=given, stdout=subprocess.DEVNULL, stderr=theirs)
if sys.argv[1] == "-":
    os.write(ours, b"From: a@a.test\n\nbody\n\004\004")
os.close(theirs)
said = b""
try:
    while chunk := os.read(ours, 4096):
        said += chunk
except OSError:
    pass
print(said.decode().replace("\r", ""), "status", process.wait())' "$@"
}

cd "$work" || exit 1
printf 'From: a@a.test\nSubject: x\n\nbody\n' >file.eml
printf 'a.test. TXT "none"\n' >zone
for tool in spfcheck dkimsign; do
	said=$(at_terminal /dev/null $tool)
	like "$tool alone: a sentence" "$said" "^$tool: .*missing"
	like "$tool alone: a hint" "$said" "Try '$tool --help'"
	like "$tool alone: the status is that of a filter" "$said" 'status 75$'
	is "$tool alone: no status code" "$(printf '%s\n' "$said" | grep '^4\.')" ''
	like "$tool alone, without a terminal: a status code" "$($tool 2>&1 </dev/null)" "^4\.3\.5 $tool: "
done
for tool in dkimverify dmarceval; do
	like "$tool waits for a message, and says so" "$(at_terminal - $tool -z zone -a a.test)" \
		"$tool: reading a message from the terminal, end with Ctrl-D"
done
like 'not with -q' "$(at_terminal - dkimverify -q -z zone -a a.test)" '^[^:]*From: a@a.test'
for tool in dkimverify dmarceval dkimsign spfcheck; do
	like "$tool with a file" "$(at_terminal /dev/null $tool file.eml)" 'messages come on standard input, <file.eml'
	like "$tool with what is no file" "$(at_terminal /dev/null $tool nothing.eml)" '"nothing.eml"'
done
like 'dmarceval before the others' "$(at_terminal file.eml dmarceval -z zone -a a.test)" \
	'no results of spfcheck and dkimverify, which come before'
done_testing
