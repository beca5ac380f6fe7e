#!/bin/sh
# make release tags a version that lib/NEWS tells about, and only once.
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || skip_all 'needs git'
tree=$work/tree
mkdir -p "$tree/lib/base"
cp "$top/Makefile" "$tree"
cp "$top/lib/NEWS" "$tree/lib"
cp "$top/lib/base/version.h" "$tree/lib/base"
cd "$tree" || exit 1
HOME=$work GIT_CONFIG_NOSYSTEM=1
export HOME GIT_CONFIG_NOSYSTEM
git config --global user.name 'A Maintainer'
git config --global user.email maintainer@example.org
git config --global init.defaultBranch main
git init -q . && git add . && git commit -q -m 'all: a tree'
version=$(sed -n 's/.*VERSION "\(.*\)"/\1/p' lib/base/version.h)

# released: what make release says, and its status
released() {
	make release 2>&1 | grep '^release:'
	[ -n "$(git tag)" ] && git tag
}

echo unfinished >note
is 'nothing that is not committed' "$(released)" 'release: commit your changes first'
rm note
sed -i "s/\"$version\"/\"$version.1\"/" lib/base/version.h && git commit -q -a -m 'version: raised'
is 'no version without news' "$(released)" "release: the first entry of lib/NEWS must be about assay $version.1, with a date"
sed -i "0,/^assay $version (/s//assay $version.1 (/" lib/NEWS && git commit -q -a -m 'NEWS: told'
is 'a tag' "$(released)" "v$version.1"
ok 'and a tarball' test -s "assay-$version.1.tar.gz"
rm "assay-$version.1.tar.gz"
is 'only once' "$(released)" "release: there is a tag v$version.1 already; raise lib/base/version.h
v$version.1"
done_testing
