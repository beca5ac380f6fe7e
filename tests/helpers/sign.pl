#!/usr/bin/perl
# Signs the message on stdin with Mail::DKIM.
# usage: sign.pl HEADER/BODY SELECTOR DOMAIN KEYFILE
use strict;
use warnings;
use Mail::DKIM::Signer;

my ($canonicalization, $selector, $domain, $keyfile) = @ARGV;
binmode STDIN;
binmode STDOUT;
my $message = do { local $/; <STDIN> };
my $signer = Mail::DKIM::Signer->new(
	Algorithm => 'rsa-sha256', Method => $canonicalization,
	Domain => $domain, Selector => $selector, KeyFile => $keyfile);
(my $wire = $message) =~ s/\r?\n/\r\n/g;
$signer->PRINT($wire);
$signer->CLOSE;
my $end = $message =~ /\r\n/ ? "\r\n" : "\n";
(my $field = $signer->signature->as_string) =~ s/\r\n/$end/g;
print $field, $end, $message;
