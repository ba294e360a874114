# For burst-sender.pl: ICMP echo (RFC 792, RFC 4443).
use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_ICMP MSG_DONTWAIT);

our ($count, $timeout, $size, $watched, $packets, %part_of);

# As in the headers of Linux.
use constant { SO_ATTACH_FILTER => 26, ICMPV6 => 58, SOL_RAW => 255, ICMP_FILTER => 1, ICMP6_FILTER => 1 };
# Bytes. The mark, first in the data, is the number of the target (4), what makes up for it in the checksum (2), and a key
# that nobody else knows.
use constant { ICMP_HEADER => 8, IP_HEADER => 20, OWN_LENGTH => 6, KEY_LENGTH => 6 };

open my $random, '<', '/dev/urandom' or fail("/dev/urandom: $!");
sysread $random, my $key, KEY_LENGTH;
close $random;

my $end = pack 'a* x' . ($size - OWN_LENGTH - KEY_LENGTH), $key;

my $most_ticks = $timeout * 1e7;

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
    my $format = packet_format($version) . "x$header x6 n N x2 a" . KEY_LENGTH;
    my $beginning = pack 'C x3 n', $request, $id;
    my $least = $header + ICMP_HEADER + OWN_LENGTH + KEY_LENGTH;
    return [$socket, fileno $socket, $format, $least, $beginning, $is_bare];
}

# Sequence numbers go round in whole bursts; from the first one, each tells the place of a packet in its burst.
my $bursts = 0;
my $bursts_around = int(65_536 / $count);

sub begin_echoes {
    my ($part) = @_;
    $part->{first_sequence} = $bursts++ % $bursts_around * $count;
    # Modulo 65,535 the second makes up for the first, so that all packets of a row have one checksum.
    $part->{owns} = pack '(N n)*', map { $_, 65_535 - $_ % 65_535 } $part->{base} .. $part->{base} + $part->{targets} - 1;
}

sub head_of {
    my ($part, $place) = @_;
    my $head = $part->{socket}[BEGINNING] . pack 'n', $part->{first_sequence} + $place;
    return $head if !$part->{socket}[SUMS];
    my $sum = unpack '%32n*', $head . $key;
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    substr $head, 2, 2, pack('n', ~$sum & 0xffff);
    return $head;
}

# One packet to each of a row of targets.
sub send_echoes {
    my ($part, $place, $from, $until) = @_;
    my ($handle, $head) = ($part->{socket}[HANDLE], head_of($part, $place));
    my ($owns, $addresses) = \@$part{qw(owns addresses)};
    my $length = length($$addresses) / $part->{targets};
    my (@times, @failed, $packet);
    for my $target ($from .. $until - 1) {
        $packet = $head . substr($$owns, $target * OWN_LENGTH, OWN_LENGTH) . $end;
        push @times, clock_gettime(WALL) * 1e7;
        # Once more, since the first try may tell of another packet that the network did not deliver.
        send $handle, $packet, MSG_DONTWAIT, substr $$addresses, $target * $length, $length
            or send $handle, $packet, MSG_DONTWAIT, substr $$addresses, $target * $length, $length
            or push @failed, [$target, $! & 0xff];
    }
    substr $part->{sent}, 8 * ($place * $part->{room} + $from), 8 * @times, pack('Q>*', @times);
    if ($watched) { describe_echo($part, $place, $_) for $from .. $until - 1 }
    settle($part, $place, $_->[0], NOT_SENT + $_->[1]) for @failed;
}

# A fate AWAITED as `vec` reads it, highest byte first.
use constant AWAITED_SEEN => unpack 'N', pack('V', AWAITED);

# Nearly all time of ours goes by in this loop, so it has no variables of its own and few statements.
sub receive_echoes {
    my ($socket, $got, @lengths) = @_;
    my ($format, $least) = @$socket[FORMAT, LEAST];
    # The part that the last answer was of, and what of it is looked at.
    my ($part, $base, $beyond, $first, $burst, $room, $length) = (undef, (0) x 6);
    my ($addresses, $fates, $sent, $open);
    my ($from, $seconds, $nanoseconds, $hops, $sequence, $number, $its_key, $target, $place, $at, $sent_at, $took);
    no warnings qw(uninitialized portable);
    for my $i (0 .. $got - 1) {
        ($from, $seconds, $nanoseconds, $hops, $sequence, $number, $its_key) =
            unpack $format, substr $packets, $i * ROOM, ROOM;
        if ($lengths[$i] < $least || $its_key ne $key) { refuse($socket, $lengths[$i]); next }
        if ($number < $base || $number >= $beyond) {
            $part = $part_of{ $number >> BLOCK_BITS };
            if (!$part || $number - $part->{base} >= $part->{targets}) {
                $beyond = 0;
                refuse($socket, $lengths[$i]);
                next;
            }
            ($base, $first, $burst, $room, $open) = @$part{qw(base first_sequence packets room open)};
            $beyond = $base + $part->{targets};
            $length = length($part->{addresses}) / $part->{targets};
            ($addresses, $fates, $sent) = \@$part{qw(addresses fates sent)};
        }
        $target = $number - $base;
        $place = $sequence - $first;
        if (   $from ne substr($$addresses, $target * $length, $length)
            || $place < 0
            || $place >= $burst
            || vec($$fates, $at = $place * $room + $target, 32) != AWAITED_SEEN
            || !($sent_at = vec $$sent, $at, 64))
        {
            refuse($socket, $lengths[$i], $part, $target, $from, $place);
            next;
        }
        # First what is exact, since numbers with a fraction have less places.
        $took = $seconds * 10_000_000 - $sent_at + $nanoseconds / 100;
        $took = 1e7 * plausible($took / 1e7, $sent_at / 1e7) if $took < 0 || $took > 1e6;
        describe_echo($part, $place, $target, $hops) if $watched;
        substr $$fates, 4 * $at, 4, pack('V', $took > $most_ticks ? LOST : $took + 0.5);
        tell_results($part, $target & -TOGETHER) if --$open->[$target >> TOGETHER_BITS] == 0;
    }
}

# When it was sent, its two numbers, and the hops that its answer had left.
sub describe_echo {
    my ($part, $place, $target, $hops) = @_;
    no warnings 'portable';
    my $at = $place * $part->{room} + $target;
    my $time = vec $part->{sent}, $at, 64;
    my $id = unpack('x4 n', $part->{socket}[BEGINNING]) || unpack 'x2 n', getsockname $part->{socket}[HANDLE];
    my @told = (int $time / 10_000_000, $time % 10_000_000 * 100, $id, $part->{first_sequence} + $place, $hops // 0);
    substr $part->{told}, 20 * $at, 20, pack('V5', @told);
}

return {
    # Ping sockets do not tell when the firewall of this host drops what they send by IPv6, so there they are the second.
    order => sub { my ($version, @kinds) = @_; $version == 4 ? @kinds : reverse @kinds },
    open => \&open_echo_socket,
    begin => \&begin_echoes,
    send => \&send_echoes,
    receive => \&receive_echoes,
    forget => sub { },
    sequences => 0,
    told => $watched ? 20 : 0,
};
