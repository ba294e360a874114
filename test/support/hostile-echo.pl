#!/usr/bin/perl
# Answers ICMP echo requests that come out of a TUN device: each address in its own way, by its last number; the
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

# From this address to that one, with these ICMP fields; the type is that of an echo reply, or of "unreachable".
sub answer {
    my ($from, $to, $id, $sequence, $data, $unreachable) = @_;
    my $is_v4 = length $from == 4;
    my $type = $is_v4 ? ($unreachable ? 3 : 0) : ($unreachable ? 1 : 129);
    my $echo = pack 'C C n n n a*', $type, 0, 0, $id, $sequence, $data;
    my $pseudo = $is_v4 ? '' : $from . $to . pack 'N N', length $echo, 58;
    substr $echo, 2, 2, pack('n', sum($pseudo . $echo));
    if ($is_v4) {
        my $header = pack 'C C n n n C C n a4 a4', 0x45, 0, 20 + length $echo, 0, 0, 64, 1, 0, $from, $to;
        substr $header, 10, 2, pack('n', sum($header));
        syswrite $tun, $header . $echo;
    }
    else { syswrite $tun, pack('C x3 n C C a16 a16', 0x60, length $echo, 58, 64, $from, $to) . $echo }
}

my (@later, %old, @held);
my %ways = (
    1 => sub { answer(@_) },
    2 => sub { my ($from, $to, $id, @rest) = @_; answer($from, $to, $id ^ 1, @rest) },
    3 => sub { my ($from, $to, $id, $sequence, $data) = @_; answer($from, $to, $id, ($sequence + 1_000) & 0xffff, $data) },
    4 => sub { my ($from, @rest) = @_; answer(substr($from, 0, -1) . "\x63", @rest) },
    5 => sub { my (@all) = @_; answer(@all[0 .. 3], substr $all[4], 0, 11) },
    6 => sub { answer(@_) for 1 .. 3 },
    7 => sub { my (@all) = @_; answer(@all[0 .. 3], scalar reverse $all[4]) },
    8 => sub { push @later, [time + $late_ms / 1_000, @_] },
    # What was asked three requests before.
    9 => sub { my $old = $old{ $_[0] } ||= []; push @$old, [@_]; answer(@{ shift @$old }) if @$old > 3 },
    # Host unreachable, which quotes the request in its data.
    10 => sub { my (@all) = @_; answer(@all, 1) },
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
    my ($version) = unpack 'C', $packet;
    my ($protocol, $from, $to, $header) = $version == 0x45
        ? (unpack('x9 C x2 a4 a4', $packet), 20)
        : (unpack('x6 C x a16 a16', $packet), 40);
    my ($type, $id, $sequence, $data) = unpack 'C x3 n n a*', substr $packet, $header;
    next if "$protocol $type" ne ($version == 0x45 ? '1 8' : '58 128');
    my ($group, $number) = unpack 'C C', substr $to, -2;
    if ($group == 1) {
        push @held, [$to, $from, $id, $sequence, $data];
        flood() if @held == $flood;
    }
    elsif ($ways{$number}) { $ways{$number}->($to, $from, $id, $sequence, $data) }
}
