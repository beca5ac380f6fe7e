# guide.sh - the blocks of the guide, lib/man/assay-guide.7; sourced by the tests that follow it.
#
# guide_blocks FILE DIRECTORY   each block becomes files there, in order of their names:
#     NNN.lines                 lines of a file
#     NNN.command, NNN.wanted   what is typed, and what is to be seen
#     NNN.section, NNN.step     the section that it is in, and the part of it
# guide_matches WANTED GOT      whether a file is what another shows; "..." stands for anything, on a
#                               line of its own for any number of lines; blanks at the end of a
#                               line and empty lines at the end do not count

guide_blocks() {
	awk -v directory="$2" '
		function next_name() {
			name = sprintf("%s/%03d", directory, ++count)
			print section >(name ".section")
			print step >(name ".step")
		}
		/^\.Sh / { section = substr($0, 5); step = "" }
		/^\.Ss / { step = substr($0, 5) }
		/^\.Bd -literal/ { inside = 1; kind = ""; continued = 0; next }
		/^\.Ed/ { inside = 0 }
		!inside { next }
		{
			gsub(/\\e/, "\\"); gsub(/\\&/, "")
			if (continued) {
				print >(name ".command")
			} else if (/^\$ /) {
				next_name()
				kind = "wanted"
				print substr($0, 3) >(name ".command")
				printf "" >(name ".wanted")
			} else {
				if (kind == "") { next_name(); kind = "lines" }
				print >(name "." kind)
				next
			}
			continued = /\\$/
		}
	' "$1"
}

guide_matches() {
	perl -0777 -e '
		my ($wanted, $got) = map { open my $file, "<", $_ or die "$_: $!"; scalar <$file> } @ARGV;
		for ($wanted, $got) { $_ //= ""; s/[ \t]+/ /g; s/ $//gm; s/\n+\z/\n/ }
		$wanted = quotemeta $wanted;
		$wanted =~ s/^\\\.\\\.\\\.\\\n/(?:.*\\n)*/gm;
		$wanted =~ s/\\\.\\\.\\\./.*/g;
		exit($got !~ /\A$wanted\z/);
	' "$1" "$2"
}
