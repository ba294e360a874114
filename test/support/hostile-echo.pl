#!/usr/bin/perl
# Answers ICMP echo requests (IPv4) that come out of a TUN device: each address in its own way, by its last number; the
# addresses with a 1 before that all at once, while its parent, the process that sends the requests, stands still.
# Arguments: DEVICE LATE_MS FLOOD (so many requests are awaited for that). It ends with its parent.
use strict;
use warnings;
use Time::HiRes qw(time);

my ($device, $late_ms, $flood) = @ARGV;
my $parent = getppid;
open my $tun, '+<', '/dev/net/tun' or die "/dev/net/tun: $!";
# TUNSETIFF: IFF_TUN, without a header of its own.
my $request = pack 'a16 S x22', $device, 0x1001;
ioctl $tun, 0x400454ca, $request or die "$device: $!";

sub sum {
    my $sum = unpack '%32n*', length($_[0]) & 1 ? "$_[0]\0" : $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

# From this address to that one, with these ICMP fields.
sub answer {
    my ($from, $to, $id, $sequence, $data, $type) = @_;
    my $echo = pack 'C C n n n a*', $type // 0, 0, 0, $id, $sequence, $data;
    substr $echo, 2, 2, pack('n', sum($echo));
    my $header = pack 'C C n n n C C n a4 a4', 0x45, 0, 20 + length $echo, 0, 0, 64, 1, 0, $from, $to;
    substr $header, 10, 2, pack('n', sum($header));
    syswrite $tun, $header . $echo;
}

my (@later, @old, @held);
my %ways = (
    1 => sub { answer(@_) },
    2 => sub { my ($from, $to, $id, @rest) = @_; answer($from, $to, $id ^ 1, @rest) },
    3 => sub { my ($from, $to, $id, $sequence, $data) = @_; answer($from, $to, $id, ($sequence + 1_000) & 0xffff, $data) },
    4 => sub { my ($from, @rest) = @_; answer("\xc6\x12\0\x63", @rest) },
    5 => sub { my (@all) = @_; answer(@all[0 .. 3], substr $all[4], 0, 11) },
    6 => sub { answer(@_) for 1 .. 3 },
    7 => sub { my (@all) = @_; answer(@all[0 .. 3], scalar reverse $all[4]) },
    8 => sub { push @later, [time + $late_ms / 1_000, @_] },
    # What was asked three requests before.
    9 => sub { push @old, [@_]; answer(@{ shift @old }) if @old > 3 },
    # Host unreachable, which quotes the request in its data.
    10 => sub { my (@all) = @_; answer(@all, 3) },
);


sub flood {
    kill STOP => $parent;
    answer(@$_) for splice @held;
    kill CONT => $parent;
}

while (getppid == $parent) {
    while (@later && $later[0][0] <= time) { my ($due, @all) = @{ shift @later }; answer(@all) }
    my $ready = '';
    vec($ready, fileno $tun, 1) = 1;
    next if !select $ready, undef, undef, 0.05;
    sysread $tun, my $packet, 65_536 or next;
    my ($version, $protocol, $from, $to) = unpack 'C x8 C x2 a4 a4', $packet;
    next if $version != 0x45 || $protocol != 1 || substr($packet, 20, 1) ne "\x08";
    my ($id, $sequence, $data) = unpack 'x24 n n a*', $packet;
    my ($group, $number) = unpack 'x2 C C', $to;
    if ($group == 1) {
        push @held, [$to, $from, $id, $sequence, $data];
        flood() if @held == $flood;
    }
    elsif ($ways{$number}) { $ways{$number}->($to, $from, $id, $sequence, $data) }
}
