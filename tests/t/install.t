#!/bin/sh
# make install puts everything where the manual says, uninstall leaves nothing, dist can be built.
. "$(dirname "$0")/lib.sh"

cd "$top" || exit 1
installed=$work/root/opt/assay
quietly() { "$@" >"$work/log" 2>&1 || { sed 's/^/# /' "$work/log"; return 1; }; }

ok 'make install' quietly make install DESTDIR="$work/root" PREFIX=/opt/assay
for tool in spfcheck dkimsign dkimverify dmarceval dmarcreport; do
	like "$tool runs" "$("$installed/bin/$tool" --version)" "^$tool "
	ok "$tool(1) is there" test -s "$installed/share/man/man1/$tool.1"
done
for page in assay assay-guide assay-limits; do
	ok "$page(7) is there" test -s "$installed/share/man/man7/$page.7"
done
for file in $(git ls-files '*/examples/*' 2>/dev/null || echo */examples/*); do
	ok "an example: $file" test -s "$installed/share/doc/assay/$file"
done
# What the examples name is there.
for path in $(cat "$installed/share/doc/assay"/*/examples/* |
	grep -o '/opt/assay/[a-z]*/[a-z./-]*' | sort -u); do
	ok "an example names $path" test -e "$work/root$path"
done
is 'no other place is named' "$(grep -r /usr/local "$installed" -l --exclude-dir=bin --exclude=gate)" ''
for program in sign-and-send gate; do
	ok "for Postfix: $program" test -x "$installed/libexec/assay/$program"
done
like 'a user for systemd-sysusers' "$(cat "$installed/lib/sysusers.d/assay.conf")" '^u assay - '
for directory in /var/lib/assay /var/spool/assay /etc/dkim; do
	like "for systemd-tmpfiles: $directory" "$(cat "$installed/lib/tmpfiles.d/assay.conf")" \
		"^d $directory *0700 assay assay$"
done
is 'others may read, and only the owner may write' \
	"$(find "$installed" ! -type l \( ! -perm -a+r -o -perm /022 \))" ''

touch "$installed/bin/other"
ok 'make uninstall' quietly make uninstall DESTDIR="$work/root" PREFIX=/opt/assay
is 'leaves only what is not ours' "$(cd "$installed" && find . ! -type d)" ./bin/other
is 'and no directory of ours' "$(find "$installed" -mindepth 1 -name 'assay*')" ''

if git rev-parse --git-dir >/dev/null 2>&1; then
	version=$(dkimsign --version | sed 's/.* //')
	ok 'make dist' quietly make dist
	ok 'a tarball' mv "assay-$version.tar.gz" "$work"
	tar -x -z -C "$work" -f "$work/assay-$version.tar.gz"
	ok 'it can be built' quietly make -C "$work/assay-$version" CFLAGS=-O0 WARN= HARDEN=-fPIE dkimverify/dkimverify
	like 'as this version' "$("$work/assay-$version/dkimverify/dkimverify" --version)" " $version$"
fi
done_testing
