# For burst-sender.pl: ICMP echo (RFC 792, RFC 4443).
use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_ICMP MSG_DONTWAIT);

our ($count, $timeout, $size, $watched, $fate_at, $told_at, $packets, %under_way);

# As in the headers of Linux.
use constant { SO_ATTACH_FILTER => 26, ICMPV6 => 58, SOL_RAW => 255, ICMP_FILTER => 1, ICMP6_FILTER => 1 };
# Bytes. The mark, first in the data, is a 32-bit number and a key that nobody else knows.
use constant { ICMP_HEADER => 8, IP_HEADER => 20, MARK_LENGTH => 10 };

open my $random, '<', '/dev/urandom' or fail("/dev/urandom: $!");
sysread $random, my $key, MARK_LENGTH - 4;
close $random;

# What each packet of a burst ends with: what its sequence number lacks to that of the last one, so that all have one
# checksum; and nothing.
my @ends = map { pack 'n x' . ($size - MARK_LENGTH - 2), $count - 1 - $_ } 0 .. $count - 1;

# Nothing but echo replies with our number leaves the kernel.
sub filter_raw {
    my ($socket, $version, $id) = @_;
    my $types = $version == 4
        ? setsockopt($socket, SOL_RAW, ICMP_FILTER, pack('L', ~1 & 0xffffffff))
        : setsockopt($socket, ICMPV6, ICMP6_FILTER, pack('L8', map { $_ == 4 ? ~2 & 0xffffffff : 0xffffffff } 0 .. 7));
    # X = the length of the IP header, which only IPv4 has in front. The two bytes 4 behind it: our number, or drop it.
    my @program = (
        ($version == 4 ? [0xb1, 0, 0, 0] : [0x01, 0, 0, 0]),
        [0x48, 0, 0, 4], [0x15, 0, 1, $id], [0x06, 0, 0, 0xffff], [0x06, 0, 0, 0],
    );
    my $program = join '', map { pack 'SCCL', @$_ } @program;
    return $types && setsockopt($socket, SOL_SOCKET, SO_ATTACH_FILTER, pack('S x![P] P', scalar @program, $program));
}

# Where ping sockets are for some groups, root need not be in one. This process may join it.
sub join_ping_group {
    open my $range, '<', '/proc/sys/net/ipv4/ping_group_range' or return;
    my ($least, $most) = split ' ', <$range>;
    $) = "$least $least" if $> == 0 && $least <= $most;
}

sub open_echo_socket {
    my ($version, $kind) = @_;
    my $is_raw = $kind eq 'raw';
    my ($domain, $protocol, $request) = $version == 4 ? (AF_INET, IPPROTO_ICMP, 8) : (AF_INET6, ICMPV6, 128);
    join_ping_group() if !$is_raw;
    socket(my $socket, $domain, $is_raw ? SOCK_RAW : SOCK_DGRAM, $protocol) or return;
    # Ping sockets get their number from the kernel.
    my $id = $is_raw ? 1 + int rand 0xfffe : 0;
    filter_raw($socket, $version, $id) or return if $is_raw;
    # Raw sockets of IPv4 show the IP header, and leave the checksum to us.
    my $is_bare = $is_raw && $version == 4;
    my $header = $is_bare ? IP_HEADER : 0;
    my $format = packet_format($version) . "x$header x6 n a" . MARK_LENGTH;
    my $beginning = pack 'C x3 n', $request, $id;
    return [$socket, fileno $socket, $format, $header + ICMP_HEADER + MARK_LENGTH + 2, $beginning, $is_bare];
}

# Sequence numbers go round in whole bursts; from the first one, each tells the place of a packet in its burst.
my $number = 0;
my $bursts_around = int(65_536 / $count);

sub begin_echoes {
    my ($target) = @_;
    my $mark;
    do { $mark = pack 'N a*', $number = ($number + 1) & 0xffffffff, $key } while exists $under_way{$mark};
    my $head = $target->[SOCKET][BEGINNING];
    my $sequence = $number % $bursts_around * $count;
    if ($target->[SOCKET][SUMS]) {
        my $sum = unpack '%32n*', $head . pack 'n a* n', $sequence, $mark, $count - 1;
        $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
        substr $head, 2, 2, pack('n', ~$sum & 0xffff);
    }
    @$target[MARK, SEQUENCE, HEAD] = ($mark, $sequence, $head);
    $under_way{$mark} = $target;
}

# One packet to each of a row of targets. Nearly all time goes by in this loop and the next, so they have no variables of
# their own and few statements.
sub send_echoes {
    my $place = shift;
    my ($at, $end) = (SENT + $place, $ends[$place]);
    my $packet;
    for my $target (@_) {
        $packet = $target->[HEAD] . pack('n', $target->[SEQUENCE] + $place) . $target->[MARK] . $end;
        describe_echo($target, $place) if $watched;
        $target->[$at] = clock_gettime(WALL);
        # Once more, since the first try may tell of another packet that the network did not deliver.
        send $target->[SOCKET][HANDLE], $packet, MSG_DONTWAIT, $target->[ADDRESS]
            or send $target->[SOCKET][HANDLE], $packet, MSG_DONTWAIT, $target->[ADDRESS]
            or settle($target, $place, NOT_SENT + ($! & 0xff));
    }
}

sub receive_echoes {
    my ($socket, $got, @lengths) = @_;
    my ($format, $least) = @$socket[FORMAT, LEAST];
    my ($from, $seconds, $nanoseconds, $hops, $sequence, $mark, $target, $place, $sent, $took);
    no warnings 'uninitialized';
    for my $i (0 .. $got - 1) {
        ($from, $seconds, $nanoseconds, $hops, $sequence, $mark) = unpack $format, substr $packets, $i * ROOM, ROOM;
        $target = $under_way{$mark};
        if (   $lengths[$i] < $least
            || !$target
            || $from ne $target->[ADDRESS]
            || ($place = $sequence - $target->[SEQUENCE]) < 0
            || $place >= $count
            || !($sent = $target->[SENT + $place]))
        {
            refuse($socket, $lengths[$i], $target, $from, $place);
            next;
        }
        $took = $seconds - $sent + $nanoseconds / 1e9;
        $took = plausible($took, $sent) if $took < 0 || $took > 0.1;
        describe_echo($target, $place, $hops) if $watched;
        $target->[SENT + $place] = 0;
        $target->[$fate_at + $place] = $took > $timeout ? LOST : int($took * 1e7 + 0.5);
        tell_result($target) if --$target->[OPEN] == 0;
    }
}

# When it was sent, its two numbers, and the hops that its answer had left.
sub describe_echo {
    my ($target, $place, $hops) = @_;
    my $time = $target->[SENT + $place] || clock_gettime(WALL);
    my $id = unpack('x4 n', $target->[HEAD]) || unpack 'x2 n', getsockname $target->[SOCKET][HANDLE];
    $target->[$told_at + $place] = pack 'V5', $time, ($time - int $time) * 1e9, $id, $target->[SEQUENCE] + $place, $hops // 0;
}

return {
    # Ping sockets do not tell when the firewall of this host drops what they send by IPv6, so there they are the second.
    order => sub { my ($version, @kinds) = @_; $version == 4 ? @kinds : reverse @kinds },
    open => \&open_echo_socket,
    begin => \&begin_echoes,
    send => \&send_echoes,
    receive => \&receive_echoes,
    forget => sub { delete $under_way{ $_[0][MARK] } },
    told => $watched ? 20 : 0,
};
