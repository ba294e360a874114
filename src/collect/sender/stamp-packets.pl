# For burst-sender.pl: STAMP in unauthenticated mode (RFC 8762 §4.2.1, §4.3.1), packets of 44 bytes both ways.
use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_IPV6 IPV6_V6ONLY INADDR_ANY IN6ADDR_ANY MSG_DONTWAIT pack_sockaddr_in pack_sockaddr_in6);

our ($count, $timeout, $fate_at, $told_at, $packets, %under_way);

# Seconds from 1900 to 1970.
use constant { NTP_EPOCH => 2_208_988_800, PACKET_LENGTH => 44, MARK_LENGTH => 12 };
# What follows the mark: not synchronised to UTC, NTP format, and good to 2^4 / 2^32 s; and zeros.
my $end = pack 'n x30', 0x0410;

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
    my $place = shift;
    my ($time, $mark);
    for my $target (@_) {
        $time = clock_gettime(WALL);
        $mark = pack 'N3', ($target->[SEQUENCE] + $place) & 0xffffffff, (int($time) + NTP_EPOCH) & 0xffffffff,
            ($time - int $time) * 2**32 | int rand 1024;
        $under_way{$mark} = $target;
        @$target[SENT + $place, $told_at + $place] = ($time, $mark);
        # Once more, since the first try may tell of another packet that the network did not deliver.
        send $target->[SOCKET][HANDLE], $mark . $end, MSG_DONTWAIT, $target->[ADDRESS]
            or send $target->[SOCKET][HANDLE], $mark . $end, MSG_DONTWAIT, $target->[ADDRESS]
            or settle($target, $place, NOT_SENT + ($! & 0xff));
    }
}

sub receive_stamps {
    my ($socket, $got, @lengths) = @_;
    my ($format, $least) = @$socket[FORMAT, LEAST];
    my ($from, $seconds, $nanoseconds, $hops, $answer, $mark, $hops_there, $target, $place, $sent, $took);
    no warnings 'uninitialized';
    for my $i (0 .. $got - 1) {
        ($from, $seconds, $nanoseconds, $hops, $answer, $mark, $hops_there) =
            unpack $format, substr $packets, $i * ROOM, ROOM;
        $target = $under_way{$mark};
        if (   $lengths[$i] < $least
            || !$target
            || $from ne $target->[ADDRESS]
            || !($sent = $target->[SENT + ($place = (unpack('N', $mark) - $target->[SEQUENCE]) & 0xffffffff)]))
        {
            refuse($socket, $lengths[$i], $target, $from, $place);
            next;
        }
        $took = $seconds - $sent + $nanoseconds / 1e9;
        $took = plausible($took, $sent) if $took < 0 || $took > 0.1;
        $target->[SENT + $place] = 0;
        $target->[$told_at + $place] = pack 'a12 a24 C2', $mark, $answer, $hops_there, $hops;
        $target->[$fate_at + $place] = $took > $timeout ? LOST : int($took * 1e7 + 0.5);
        tell_result($target) if --$target->[OPEN] == 0;
    }
}

return {
    order => sub { 'udp' },
    open => \&open_stamp_socket,
    begin => sub { },
    send => \&send_stamps,
    receive => \&receive_stamps,
    forget => sub {
        my ($target) = @_;
        delete @under_way{ map { substr $_, 0, MARK_LENGTH } grep { defined } @$target[$told_at .. $told_at + $count - 1] };
    },
    told => 40,
};
