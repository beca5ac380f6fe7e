#!/usr/bin/perl
# Reads report mails in the form of RFC 7489 with Mail::DMARC, and adds the messages up. (Its
# XPath knows no namespace, so that it finds nothing in a report of RFC 9990.)
#
# usage: read_report.pl FILE...
use strict;
use warnings;
use Mail::DMARC::Report::Receive;

my ( $mails, $messages ) = ( 0, 0 );
{
    no warnings 'redefine';
    *Mail::DMARC::Report::save_aggregate = sub {
        my $self = shift;
        my $aggregate = $self->aggregate;
        die "no UTC day\n" if $aggregate->metadata->begin % 86400;
        die "no domain\n" if !$aggregate->policy_published->domain;
        $messages += $_->row->count for @{ $aggregate->record };
        return 1;
    };
}
open my $out, '>&', \*STDOUT or die;
open STDOUT, '>', '/dev/null' or die;    # it prints each subject
for my $file (@ARGV) {
    my $type = eval { Mail::DMARC::Report::Receive->new->from_file($file) };
    die "$file: $@" if $@;
    die "$file: no report\n" if !$type || $type ne 'aggregate';
    $mails++;
}
print $out "mails=$mails messages=$messages\n";
