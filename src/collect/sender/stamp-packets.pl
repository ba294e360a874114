# For burst-sender.pl: STAMP in unauthenticated mode (RFC 8762 §4.2.1, §4.3.1), packets of 44 bytes both ways.
use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_IPV6 IPV6_V6ONLY INADDR_ANY IN6ADDR_ANY MSG_DONTWAIT pack_sockaddr_in pack_sockaddr_in6);

our ($timeout, $packets, %part_of);

# Seconds from 1900 to 1970.
use constant { NTP_EPOCH => 2_208_988_800, PACKET_LENGTH => 44, MARK_LENGTH => 12 };
# What follows the mark: not synchronised to UTC, NTP format, and good to 2^4 / 2^32 s; and zeros.
my $end = pack 'n x30', 0x0410;
# What is told of each packet, bytes.
use constant TOLD => 40;

# The numbers of the targets whose answers are awaited, by the mark.
my %under_way;

sub open_stamp_socket {
    my ($version) = @_;
    my ($domain, $any) = $version == 4
        ? (AF_INET, pack_sockaddr_in(0, INADDR_ANY))
        : (AF_INET6, pack_sockaddr_in6(0, IN6ADDR_ANY));
    socket(my $socket, $domain, SOCK_DGRAM, 0) or return;
    $version == 4 || setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) or return;
    bind $socket, $any or return;
    return [$socket, fileno $socket, packet_format($version) . 'a24 a12 x4 C', PACKET_LENGTH];
}

# The mark of each packet are its first bytes, which the answer repeats: its number and its time, as exact as it is known and
# the rest by chance. What is told: the mark, what the answer says of itself (its number, time, and the time of receipt),
# with how many hops left the packet came there, and the answer here.
sub send_stamps {
    my ($part, $place, $from, $until) = @_;
    my ($room, $handle) = ($part->{room}, $part->{socket}[HANDLE]);
    my ($time, $mark, $address, $at);
    no warnings 'portable';
    for my $target ($from .. $until - 1) {
        $address = address_of($part, $target);
        $time = clock_gettime(WALL);
        $mark = pack 'N3', (vec($part->{sequences}, $target, 32) + $place) & 0xffffffff,
            (int($time) + NTP_EPOCH) & 0xffffffff, ($time - int $time) * 2**32 | int rand 1024;
        $under_way{$mark} = $part->{base} + $target;
        $at = $place * $room + $target;
        vec($part->{sent}, $at, 64) = $time * 1e7;
        substr $part->{told}, TOLD * $at, MARK_LENGTH, $mark;
        # Once more, since the first try may tell of another packet that the network did not deliver.
        send $handle, $mark . $end, MSG_DONTWAIT, $address
            or send $handle, $mark . $end, MSG_DONTWAIT, $address
            or settle($part, $place, $target, NOT_SENT + ($! & 0xff));
    }
}

sub receive_stamps {
    my ($socket, $got, @lengths) = @_;
    my ($format, $least) = @$socket[FORMAT, LEAST];
    my ($from, $seconds, $nanoseconds, $hops, $answer, $mark, $hops_there);
    my ($number, $part, $target, $place, $at, $sent_at, $took);
    no warnings qw(uninitialized portable);
    for my $i (0 .. $got - 1) {
        ($from, $seconds, $nanoseconds, $hops, $answer, $mark, $hops_there) =
            unpack $format, substr $packets, $i * ROOM, ROOM;
        $number = $under_way{$mark};
        if ($lengths[$i] < $least || !defined $number) { refuse($socket, $lengths[$i]); next }
        $part = $part_of{ $number >> BLOCK_BITS };
        $target = $number - $part->{base};
        $place = (unpack('N', $mark) - vec($part->{sequences}, $target, 32)) & 0xffffffff;
        $at = $place * $part->{room} + $target;
        if ($from ne address_of($part, $target) || unpack('V', substr $part->{fates}, 4 * $at, 4) != AWAITED) {
            refuse($socket, $lengths[$i], $part, $target, $from, $place);
            next;
        }
        $sent_at = vec $part->{sent}, $at, 64;
        # First what is exact, since numbers with a fraction have less places.
        $took = ($seconds * 10_000_000 - $sent_at + $nanoseconds / 100) / 1e7;
        $took = plausible($took, $sent_at / 1e7) if $took < 0 || $took > 0.1;
        substr $part->{told}, TOLD * $at, TOLD, pack('a12 a24 C2 x2', $mark, $answer, $hops_there, $hops);
        settle($part, $place, $target, $took > $timeout ? LOST : int($took * 1e7 + 0.5));
    }
}

sub forget_stamps {
    my ($part, $first) = @_;
    for my $place (0 .. $part->{packets} - 1) {
        my $at = TOLD * ($place * $part->{room} + $first);
        delete @under_way{ unpack '(a12 x28)*', substr $part->{told}, $at, TOLD * TOGETHER };
    }
}

return {
    order => sub { 'udp' },
    open => \&open_stamp_socket,
    begin => sub { },
    send => \&send_stamps,
    receive => \&receive_stamps,
    forget => \&forget_stamps,
    sequences => 1,
    told => TOLD,
};
