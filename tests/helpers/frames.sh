# frames.sh - messages into the frames of a stream and out of them; the same is in assay(7)

# frame MESSAGE NAME=VALUE...
frame() {
	message=$1
	shift
	printf '%d:' $(($(printf '%s\n' "$@" | wc -c)))
	printf '%s\n' "$@"
	printf ',%d:' $(($(wc -c <"$message")))
	cat "$message"
	printf ,
}

# unframe ATTRIBUTES MESSAGE: the next frame into two files; false when there is none
unframe() {
	for file in "$1" "$2"; do
		n=
		while c=$(dd bs=1 count=1 2>/dev/null) && [ "$c" != : ]; do
			n=$n$c
			[ -n "$c" ] || return
		done
		head -c "$n" >"$file" && [ "$(dd bs=1 count=1 2>/dev/null)" = , ] || return
	done
}
