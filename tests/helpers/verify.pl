#!/usr/bin/perl
# Verifies messages with Mail::DKIM, keys from DNS.
# usage: verify.pl FILE...; prints "FILE RESULT..." with one result a signature
use strict;
use warnings;
use Mail::DKIM::Verifier;

for my $file (@ARGV) {
	open my $input, '<:raw', $file or die "$file: $!";
	(my $wire = do { local $/; <$input> }) =~ s/\r?\n/\r\n/g;
	my $verifier = Mail::DKIM::Verifier->new;
	$verifier->PRINT($wire);
	$verifier->CLOSE;
	print join(' ', $file, map { $_->algorithm . '=' . $_->result } $verifier->signatures), "\n";
}
