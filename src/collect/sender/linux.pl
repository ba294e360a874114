# For burst-sender.pl: what Perl has no function for, and Linux has. Clocks, sockets with the kernel's time stamps, and many
# packets read by one system call.
use strict;
use warnings;
use Errno qw(EAGAIN);
use Socket qw(:DEFAULT IPPROTO_IP IPPROTO_IPV6 IPV6_V6ONLY MSG_DONTWAIT);

# As in its headers, on every platform with 64 bits.
use constant {
    SO_SNDBUFFORCE => 32, SO_RCVBUFFORCE => 33, SO_TIMESTAMPNS => 35, SO_MEMINFO => 55,
    IP_TOS => 1, IP_RECVERR => 11, IP_RECVTTL => 12, IPV6_RECVERR => 25, IPV6_RECVHOPLIMIT => 51, IPV6_TCLASS => 67,
    MSG_ERRQUEUE => 0x2000, WALL => 0, MONOTONIC => 1,
};
# Numbers of recvmmsg and clock_gettime.
my %calls = (
    x86_64 => [299, 228], ppc64 => [343, 246], ppc64le => [343, 246], s390x => [357, 260],
    map { $_ => [243, 113] } qw(aarch64 riscv64 loongarch64),
);

require POSIX;
my ($recvmmsg, $gettime) = @{ $calls{ (POSIX::uname())[4] } || [] };
fail('it needs Linux of 64 bits') if $^O ne 'linux' || !$recvmmsg || length pack('J', 0) != 8;

# ---- clocks, in seconds ----

# Time::HiRes is not in perl-base; there the system call has to be made by its number.
if (eval { require Time::HiRes; Time::HiRes::clock_gettime(MONOTONIC) }) {
    *clock_gettime = \&Time::HiRes::clock_gettime;
}
else {
    my $time = pack 'q2', 0, 0;
    *clock_gettime = sub {
        syscall $gettime, $_[0], $time;
        my ($seconds, $nanoseconds) = unpack 'q2', $time;
        return $seconds + $nanoseconds / 1e9;
    };
}

# Work goes by the monotonic clock. The kernel stamps by the wall clock, which is this far ahead.
our $ahead = 0;

# By how much the wall clock was set since the last look.
sub clock_step {
    my $change = clock_gettime(WALL) - clock_gettime(MONOTONIC) - $ahead;
    return 0 if abs $change < 1e-4;
    # It was set, or drifts, or we were put to sleep between the two: the closest of some looks tells.
    my $least = 1;
    for (1 .. 5) {
        my $from = clock_gettime(MONOTONIC);
        my $seen = clock_gettime(WALL);
        my $gap = clock_gettime(MONOTONIC) - $from;
        ($least, $change) = ($gap, $seen - $from - $gap / 2 - $ahead) if $gap < $least;
    }
    $ahead += $change;
    return $change;
}

# How long an answer took, where its stamps say less than nothing or surprisingly much. If the clock was set meanwhile: an
# answer has not come before its packet was sent, nor after now.
sub plausible {
    my ($took, $sent) = @_;
    my $most = clock_gettime(MONOTONIC) + $ahead - $sent;
    return $took < -1e-5 || $took > $most ? $most : $took < 0 ? 0 : $took;
}

# ---- sockets ----

# Buffers of so many bytes, this code point, and of what comes the time and the hops that it had left. Returns whether the
# code point could be set. Errors that the network tells are asked for, since only then does the kernel say of each kind of
# socket that there was no room on the interface (ENOBUFS).
sub prepare_socket {
    my ($socket, $version, $buffer, $dscp) = @_;
    for my $option (SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE) {
        setsockopt($socket, SOL_SOCKET, $option, pack('i', $buffer));
    }
    setsockopt($socket, SOL_SOCKET, SO_TIMESTAMPNS, 1) or return 0;
    my ($level, $errors, $hops, $class) = $version == 4
        ? (IPPROTO_IP, IP_RECVERR, IP_RECVTTL, IP_TOS)
        : (IPPROTO_IPV6, IPV6_RECVERR, IPV6_RECVHOPLIMIT, IPV6_TCLASS);
    setsockopt($socket, $level, $_, 1) for $errors, $hops;
    return $dscp == 0 || setsockopt($socket, $level, $class, pack('i', $dscp << 2));
}

# How many answers the kernel dropped since our buffer was full. Only a change means something.
sub drops { my $memory = getsockopt($_[0], SOL_SOCKET, SO_MEMINFO); $memory ? (unpack 'L*', $memory)[8] : 0 }

# ---- many packets at once ----

# Room for so many. Of each: whom it is from, its control messages (first its time, then its hops), its first bytes.
use constant { AT_ONCE => 64, ROOM => 192, FROM_ROOM => 32, CONTROL_ROOM => 80, BYTES_ROOM => 80 };
# As `unpack` finds them, from the first byte on; 28 bytes of address for IPv6. What follows are the packet's own bytes.
sub packet_format { my ($version) = @_; $version == 4 ? 'a16 x32 q q x16 i x28' : 'a28 x20 q q x16 i x28' }

our $packets = '';
vec($packets, AT_ONCE * ROOM - 1, 8) = 0;
my $start = unpack 'J', pack('P', $packets);
my $pieces = join '', map { pack 'J2', $start + $_ * ROOM + FROM_ROOM + CONTROL_ROOM, BYTES_ROOM } 0 .. AT_ONCE - 1;
my $first_piece = unpack 'J', pack('P', $pieces);
# struct mmsghdr. The kernel writes into them, so each call gets them anew.
my $empty = join '', map {
    pack 'J L x4 J J J J x8 L x4', $start + $_ * ROOM, FROM_ROOM, $first_piece + 16 * $_, 1,
        $start + $_ * ROOM + FROM_ROOM, CONTROL_ROOM, 0;
} 0 .. AT_ONCE - 1;
our $headers = '';
use constant LENGTHS => '(x56 L x4)*';

# Reads what has come into $packets, and into $headers how long each is (LENGTHS). Returns how many; less than AT_ONCE when
# that is all.
sub read_packets {
    my ($socket, $flags) = @_;
    # The first tries may tell of a packet that the network did not deliver.
    for (1 .. AT_ONCE) {
        $headers = $empty;
        my $count = syscall $recvmmsg, $socket, $headers, AT_ONCE, MSG_DONTWAIT | ($flags || 0), 0;
        return $count if $count >= 0;
        return 0 if $! == EAGAIN;
    }
    return 0;
}

# What the network told of packets that it did not deliver would fill the buffer of the answers. It changes nothing: no
# answer came.
sub forget_errors { my ($number) = @_; 1 while read_packets($number, MSG_ERRQUEUE) == AT_ONCE }

1;
