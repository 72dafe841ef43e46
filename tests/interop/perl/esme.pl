#!/usr/bin/perl
# A customer made of Perl's Net::SMPP: it binds, does what it is told, and tells what happens.
#
# Usage: perl esme.pl PORT SYSTEM_ID PASSWORD
# Commands come as JSON, one a line, on standard input: {"do": "submit_sm", "tag": "a", "pdu": {...}}. `do` is the name
# of a command of SMPP; in `pdu`, {"hex": "..."} stands for octets, {"u16": n} and {"u8": n} for numbers of TLVs. What
# happens goes to standard output in the same form: {"event": "answer", "tag": ..., ...}, {"event": "deliver_sm", ...},
# {"event": "closed"}. Octets are told in hex.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

my ($port, $system_id, $password) = @ARGV;
my $json = JSON::PP->new->canonical->ascii;
my %tags;
$| = 1;

sub say_event { print $json->encode({@_}), "\n" }

sub value_of {
    my ($value) = @_;
    return $value unless ref $value;
    return pack('H*', $value->{hex}) if exists $value->{hex};
    return pack('n', $value->{u16}) if exists $value->{u16};
    return pack('C', $value->{u8});
}

my ($smpp, $bound) = Net::SMPP->new_transceiver(
    '127.0.0.1', port => $port, system_id => $system_id, password => $password, interface_version => 0x34, timeout => 20
) or die "no connection: $!";
say_event(event => 'bound', status => $bound->{status});

my $input = '';
my $select = IO::Select->new($smpp, \*STDIN);
LOOP: while (1) {
    for my $ready ($select->can_read) {
        if ($ready == $smpp) {
            my $pdu = $smpp->read_pdu or last LOOP;
            told_of($pdu);
            last LOOP if $pdu->{cmd} == (Net::SMPP::CMD_unbind | 0x80000000);
        } else {
            sysread(STDIN, $input, 65536, length $input) or last LOOP;
            obey($json->decode($1)) while $input =~ s/^(.*)\n//;
        }
    }
}
close $smpp;
say_event(event => 'closed');

sub obey {
    my ($told) = @_;
    my $command = $told->{do};
    my $pdu = $told->{pdu} || {};
    my $sequence = $smpp->$command((map { $_ => value_of($pdu->{$_}) } keys %$pdu), async => 1);
    $tags{$sequence} = $told->{tag};
}

sub told_of {
    my ($pdu) = @_;
    my $command = $pdu->{cmd};
    if ($command == Net::SMPP::CMD_enquire_link) {
        $smpp->enquire_link_resp(seq => $pdu->{seq});
    } elsif ($command == Net::SMPP::CMD_unbind) {
        $smpp->unbind_resp(seq => $pdu->{seq});
    } elsif ($command == Net::SMPP::CMD_deliver_sm) {
        $smpp->deliver_sm_resp(seq => $pdu->{seq}, message_id => '');
        say_event(
            event => 'deliver_sm', esm_class => $pdu->{esm_class}, data_coding => $pdu->{data_coding},
            source => [map { $pdu->{$_} } qw(source_addr_ton source_addr_npi source_addr)],
            destination => [map { $pdu->{$_} } qw(dest_addr_ton dest_addr_npi destination_addr)],
            short_message => unpack('H*', $pdu->{short_message}),
            receipted_message_id => $pdu->{receipted_message_id}, known => $pdu->{known_pdu},
            message_state => defined $pdu->{message_state} ? unpack('C', $pdu->{message_state}) : undef,
        );
    } elsif ($command & 0x80000000) {
        say_event(
            event => 'answer', tag => delete $tags{ $pdu->{seq} }, status => $pdu->{status},
            message_id => $pdu->{message_id}, message_state => $pdu->{message_state}, command => $command & 0x7fffffff,
        );
    } else {
        say_event(event => 'error', message => "unexpected command $command");
    }
}
