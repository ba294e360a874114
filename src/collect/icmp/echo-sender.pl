#!/usr/bin/perl
# Sends bursts of ICMP echo requests for sender-process.ts and tells their round trips. In Perl, because it is on every
# Debian and reaches what Node does not: ICMP sockets, and the time at which the kernel received a packet.
#
# Arguments: COUNT TIMEOUT_MS SPACING_MS DSCP SIZE KINDS (the kinds of sockets to try: "ping,raw").
# Standard input, lines: "JOB ADDRESS ADDRESS ..." begins a job, a burst of COUNT packets to each; "JOB" alone ends it
# untold. The end of the input is the end.
# Standard output: a line, `ready NAME=VALUE ...` or `failed` and why. Then records of 2 + COUNT unsigned 32-bit numbers,
# lowest byte first: the job, the place of the address in it, and what became of each packet. Job 0 is none: its records
# tell how many answers were refused, by reason.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR ENOENT);
use List::Util qw(max min);
use Socket qw(:DEFAULT :addrinfo inet_pton pack_sockaddr_in6 AF_INET6 IPPROTO_ICMP IPPROTO_IP IPPROTO_IPV6 MSG_DONTWAIT);

my ($count, $timeout_ms, $spacing_ms, $dscp, $size, $kinds) = @ARGV;
my ($timeout, $spacing) = ($timeout_ms / 1_000, $spacing_ms / 1_000);

# What became of a packet: its round trip in 100 ns; or not sent, plus the number of the error; or unknown, or lost.
use constant { NOT_SENT => 0xffff0000, UNKNOWN => 0xfffffffe, LOST => 0xffffffff };

# Time between two looks at what has come, s. The kernel stamps what comes, so nobody has to be awake for it. So many
# packets are read in one look at most.
use constant { LOOK => 0.05, MOST_READ => 10_000 };
# Time between two rows of packets, s: the rarer the cheaper, and rows so short that they do not keep themselves waiting
# on the way, 6 KB when there are 10,000 elements to be asked five times in 10 s.
my $tick = max(0.001, min(0.012, 1.2 / ($size + 42)));
# Packets in a second at most, however many addresses there are.
use constant MOST_RATE => 20_000;
# Answers that the kernel should hold for us, bytes, and how many sockets may be opened to have that. What it reckons for
# a packet besides its data is the driver's business; more than that is not known.
use constant { WANTED_BUFFER => 4 * 1024 * 1024, MOST_SOCKETS => 4, PACKET_OVERHEAD => 2_304 };
# More bytes of results are held for nobody.
use constant MOST_OUTPUT => 16 * 1024 * 1024;

# Linux, as in its headers.
use constant {
    SIOCGSTAMPNS => 0x8907, SO_ATTACH_FILTER => 26, SO_SNDBUFFORCE => 32, SO_RCVBUFFORCE => 33, SO_MEMINFO => 55,
    IP_TOS => 1, IPV6_TCLASS => 67, ICMPV6 => 58, SOL_RAW => 255, ICMP_FILTER => 1, ICMP6_FILTER => 1,
};

sub fail { syswrite STDOUT, "failed $_[0]\n"; exit 1 }
fail('it needs Linux') if $^O ne 'linux';

# ---- clocks, in seconds ----

use constant { WALL => 0, MONOTONIC => 1 };
# Time::HiRes is not in perl-base; there the system call has to be made by its number.
if (eval { require Time::HiRes; Time::HiRes::clock_gettime(MONOTONIC) }) {
    *clock_gettime = \&Time::HiRes::clock_gettime;
}
else {
    require POSIX;
    my %numbers = (x86_64 => 228, aarch64 => 113, riscv64 => 113, loongarch64 => 113, ppc64le => 246, s390x => 260);
    my $number = $numbers{ (POSIX::uname())[4] } or fail('its Perl lacks Time::HiRes');
    my $time = pack 'q2', 0, 0;
    *clock_gettime = sub {
        syscall $number, $_[0], $time;
        my ($seconds, $nanoseconds) = unpack 'q2', $time;
        return $seconds + $nanoseconds / 1e9;
    };
}

# Work goes by the monotonic clock. The kernel stamps by the wall clock, which is this far ahead.
my $ahead = 0;

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
clock_step();

# ---- sockets ----

# A socket: its handle, how each of its packets begins, and whether they need a checksum of ours, as those of raw sockets
# of IPv4 do; these also show the IP header of what they receive.
use constant { HANDLE => 0, HEAD => 1, SUMS => 2 };
my %family = (
    4 => { domain => AF_INET, protocol => IPPROTO_ICMP, request => 8 },
    6 => { domain => AF_INET6, protocol => ICMPV6, request => 128 },
);

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

sub open_socket {
    my ($version, $kind) = @_;
    my $of = $family{$version};
    my $is_raw = $kind eq 'raw';
    socket(my $socket, $of->{domain}, $is_raw ? SOCK_RAW : SOCK_DGRAM, $of->{protocol}) or return;
    # Ping sockets get their number from the kernel.
    my $id = $is_raw ? 1 + int rand 0xfffe : 0;
    filter_raw($socket, $version, $id) or return if $is_raw;
    for my $option (SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE) {
        setsockopt($socket, SOL_SOCKET, $option, pack('i', WANTED_BUFFER));
    }
    if ($dscp > 0) {
        my ($level, $option) = $version == 4 ? (IPPROTO_IP, IP_TOS) : (IPPROTO_IPV6, IPV6_TCLASS);
        setsockopt($socket, $level, $option, pack('i', $dscp << 2)) or return;
    }
    # Asking for the stamp of the last packet makes the kernel stamp all that come; there is none yet.
    my $stamp = pack 'l!2', 0, 0;
    ioctl($socket, SIOCGSTAMPNS, $stamp) || $! == ENOENT or return;
    return [$socket, pack('C x3 n', $of->{request}, $id), $is_raw && $version == 4];
}

my @problems;
for my $version (4, 6) {
    # Ping sockets do not tell when the firewall of this host drops what they send by IPv6, so there they are the second.
    for my $kind ($version == 4 ? split /,/, $kinds : reverse split /,/, $kinds) {
        my $first = open_socket($version, $kind);
        if (!$first) { push @problems, "IPv$version $kind socket: $!"; next }
        my $held = unpack 'i', getsockopt($first->[HANDLE], SOL_SOCKET, SO_RCVBUF);
        my @sockets = ($first);
        while (@sockets < MOST_SOCKETS && $held * @sockets < WANTED_BUFFER) {
            push @sockets, open_socket($version, $kind) || last;
        }
        @{ $family{$version} }{qw(kind sockets buffer)} = ($kind, \@sockets, $held * @sockets);
        last;
    }
}
my @versions = grep { $family{$_}{sockets} } 4, 6;
fail(join '; ', @problems) if !@versions;

# Packets to be sent without a look: their answers fill a quarter of the least buffer.
my $most_unseen = max(1, int(min(map { $family{$_}{buffer} } @versions) / 4 / ($size * 2 + PACKET_OVERHEAD)));

# How many answers the kernel dropped since our buffer was full. Only a change means something.
sub drops { my $memory = getsockopt($_[0][HANDLE], SOL_SOCKET, SO_MEMINFO); $memory ? (unpack 'L*', $memory)[8] : 0 }

# ---- what is under way ----

# One address of a job. SUM is what the words of its first packet add up to, where we make the checksums. From SENT on:
# when each packet was sent, by the wall clock, as long as it is awaited, else 0; then what became of each.
use constant { ADDRESS => 0, JOB => 1, PLACE => 2, MARK => 3, SEQUENCE => 4, SUM => 5, SOCKET => 6, OPEN => 7, SENT => 8 };
my $fate_at = SENT + $count;

# By the mark, the first bytes of the packet behind the ICMP header: a 32-bit number, and a key that nobody else knows.
# Sequence numbers go round in whole bursts; from the first one, each tells the place of a packet in its burst.
my %under_way;
my $number = 0;
my $bursts_around = int(65_536 / $count);
open my $random, '<', '/dev/urandom' or fail("/dev/urandom: $!");
sysread $random, my $key, 8;
close $random;
use constant { MARK_LENGTH => 12, ICMP_HEADER => 8 };
my $padding = "\0" x ($size - MARK_LENGTH);

my @jobs;
my $output = '';
my $format = 'V' . (2 + $count);
my @refusals = qw(malformed unknown source duplicate);
my %refused;

sub tell_result {
    my ($target) = @_;
    delete $under_way{ $target->[MARK] };
    $output .= pack $format, @$target[JOB, PLACE, $fate_at .. $fate_at + $count - 1];
}

sub settle {
    my ($target, $place, $fate) = @_;
    @$target[SENT + $place, $fate_at + $place] = (0, $fate);
    tell_result($target) if --$target->[OPEN] == 0;
}

sub read_address {
    my ($text) = @_;
    if (index($text, ':') < 0) { return pack_sockaddr_in(0, inet_pton(AF_INET, $text) // return) }
    if (index($text, '%') < 0) { return pack_sockaddr_in6(0, inet_pton(AF_INET6, $text) // return) }
    my ($error, $found) = getaddrinfo($text, '', { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM });
    return $error || !$found ? undef : $found->{addr};
}

sub begin_job {
    my ($id, @addresses) = @_;
    my (@targets, %families);
    for my $place (0 .. $#addresses) {
        my $version = index($addresses[$place], ':') < 0 ? 4 : 6;
        my $address = read_address($addresses[$place]);
        my $sockets = $family{$version}{sockets};
        my $socket = $sockets && $sockets->[$number % @$sockets];
        my $mark;
        do { $mark = pack 'N a8', $number = ($number + 1) & 0xffffffff, $key } while exists $under_way{$mark};
        my $target = [$address, $id, $place, $mark, $number % $bursts_around * $count, 0, $socket, $count];
        if ($socket && $address) {
            $target->[SUM] = unpack '%32n*', pack('a* n a*', $socket->[HEAD], @$target[SEQUENCE, MARK]) if $socket->[SUMS];
            $under_way{$mark} = $target;
            push @targets, $target;
            $families{$version} = 1;
        }
        # No such family here, or no such interface: EAFNOSUPPORT, ENODEV.
        else { settle($target, $_, NOT_SENT + ($socket ? 19 : 97)) for 0 .. $count - 1 }
    }
    return if !@targets;
    @targets = spread(@targets);
    # Evenly over the time between two packets to one address. A few need not be so slow, and many may not be so fast:
    # their rounds overlap.
    my $even = $spacing / @targets;
    my @sockets = map { @{ $family{$_}{sockets} } } keys %families;
    push @jobs, {
        id => $id, targets => \@targets, sockets => \@sockets, drops => { map { $_ => drops($_) } @sockets },
        from => clock_gettime(MONOTONIC), step => $even >= 1 / MOST_RATE ? min($even, $tick) : $count / MOST_RATE,
        # How many targets each packet of the burst was sent to, and the first that was not sent to all; when the last
        # was sent, and until which target: [time, target]; how many targets are over.
        next => [(0) x $count], first => 0, rows => [], ended => 0,
    };
}

# Neighbours in the order of the configuration often share a line, so they should not be asked in one row: every k-th,
# then the next ones.
sub spread {
    my $k = int sqrt @_;
    return map { my $first = $_; @_[map { $first + $_ * $k } 0 .. int(($#_ - $first) / $k)] } 0 .. $k - 1;
}

sub end_job {
    my ($id) = @_;
    for my $job (grep { $_->{id} == $id } @jobs) { delete $under_way{ $_->[MARK] } for grep { defined } @{ $job->{targets} } }
    @jobs = grep { $_->{id} != $id } @jobs;
}

# One packet to each of a row of targets. Nearly all time goes by in this loop and that of receive(), so they have no
# variables of their own and few statements.
sub send_echoes {
    my $place = shift;
    my $at = SENT + $place;
    my ($socket, $packet, $sum);
    for my $target (@_) {
        $socket = $target->[SOCKET];
        $packet = $socket->[HEAD] . pack('n', $target->[SEQUENCE] + $place) . $target->[MARK] . $padding;
        if ($socket->[SUMS]) {
            $sum = $target->[SUM] + $place;
            $sum = ($sum & 0xffff) + ($sum >> 16);
            substr $packet, 2, 2, pack('n', ~($sum + ($sum >> 16)));
        }
        $target->[$at] = clock_gettime(WALL);
        send $socket->[HANDLE], $packet, MSG_DONTWAIT, $target->[ADDRESS]
            or settle($target, $place, NOT_SENT + ($! & 0xff));
    }
}

# Each job sends to its addresses one after the other, once for each packet of the burst. Returns when there is more to
# send, s from now: undef for never, 0 when there is no room for more answers before somebody looks.
my $unseen = 0;
sub send_due {
    my ($now) = @_;
    my $room = $most_unseen - $unseen;
    my $wait;
    for my $job (@jobs) {
        my ($targets, $next, $step) = @$job{qw(targets next step)};
        for my $place ($job->{first} .. $count - 1) {
            my $since = $now - $job->{from} - $place * $spacing;
            my $from = $next->[$place];
            my $until = $since < 0 ? 0 : 1 + int($since / $step);
            if ($until > $from) {
                $until = @$targets if $until > @$targets;
                $until = $from + $room if $until > $from + $room;
                send_echoes($place, @$targets[$from .. $until - 1]);
                $next->[$place] = $until;
                push @{ $job->{rows} }, [clock_gettime(MONOTONIC), $until] if $place == $count - 1;
                $unseen += $until - $from;
                $room -= $until - $from;
                return 0 if $room == 0;
            }
            if ($next->[$place] == @$targets) { $job->{first} = $place + 1; next }
            my $due = max($tick, $next->[$place] * $step - $since);
            $wait = $due if !defined $wait || $due < $wait;
            last if $since < 0;
        }
    }
    return $wait;
}

# Returns whether all is read that had come.
sub receive {
    my ($handle, $has_header) = @_;
    my ($stamp, $bytes) = (pack('l!2', 0, 0), '');
    my ($from, $target, $place, $sent, $took);
    no warnings qw(substr uninitialized);
    for (1 .. MOST_READ) {
        defined($from = recv $handle, $bytes, 128, MSG_DONTWAIT) or return 1;
        substr $bytes, 0, 4 * (ord($bytes) & 15), '' if $has_header;
        $target = $under_way{ substr $bytes, ICMP_HEADER, MARK_LENGTH };
        if (   !$target
            || $from ne $target->[ADDRESS]
            || ($place = unpack('x6 n', $bytes) - $target->[SEQUENCE]) < 0
            || $place >= $count
            || !($sent = $target->[SENT + $place]))
        {
            refuse($target, $from, $place, length $bytes);
            next;
        }
        ioctl $handle, SIOCGSTAMPNS, $stamp;
        $took = unpack('l!', $stamp) - $sent + unpack('x[l!] l!', $stamp) / 1e9;
        $took = plausible($took, $sent) if $took < 0 || $took > 0.1;
        $target->[SENT + $place] = 0;
        $target->[$fate_at + $place] = $took > $timeout ? LOST : int($took * 1e7 + 0.5);
        tell_result($target) if --$target->[OPEN] == 0;
    }
    return 0;
}

sub refuse {
    my ($target, $from, $place, $length) = @_;
    my $reason = $length < ICMP_HEADER + MARK_LENGTH ? 'malformed'
        : !$target ? 'unknown'
        : $from ne $target->[ADDRESS] ? 'source'
        : $place < 0 || $place >= $count ? 'unknown'
        : 'duplicate';
    $refused{$reason}++;
}

# If the clock was set meanwhile: an answer has not come before its packet was sent, nor after now.
sub plausible {
    my ($took, $sent) = @_;
    my $most = clock_gettime(MONOTONIC) + $ahead - $sent;
    return $took < -1e-5 || $took > $most ? $most : max($took, 0);
}

# To be called when all is read that had come by `now`.
sub expire {
    my ($now) = @_;
    for my $job (@jobs) {
        my ($targets, $rows) = @$job{qw(targets rows)};
        while (@$rows && $now >= $rows->[0][0] + $timeout) {
            my $until = (shift @$rows)->[1];
            for my $target (grep { $_->[OPEN] > 0 } @$targets[$job->{ended} .. $until - 1]) {
                # What the kernel had no room for is not lost on its way.
                my $socket = $target->[SOCKET];
                my $fate = drops($socket) == $job->{drops}{$socket} ? LOST : UNKNOWN;
                for my $place (grep { $target->[SENT + $_] } 0 .. $count - 1) { settle($target, $place, $fate) }
            }
            @$targets[$job->{ended} .. $until - 1] = ();
            $job->{ended} = $until;
        }
    }
    @jobs = grep { $_->{ended} < @{ $_->{targets} } } @jobs;
}

sub follow_clock {
    my $step = clock_step() or return;
    for my $target (values %under_way) { $_ += $step for grep { $_ } @$target[SENT .. $fate_at - 1] }
}

sub look {
    my ($now) = @_;
    $unseen = 0;
    my %awaiting = map { $_ => $_ } map { @{ $_->{sockets} } } @jobs;
    my $unread = grep { !receive($_->[HANDLE], $_->[SUMS]) } values %awaiting;
    expire($now) if $unread == 0;
    follow_clock();
    for my $reason (grep { $refused{ $refusals[$_] } } 0 .. $#refusals) {
        $output .= pack $format, 0, $reason, delete $refused{ $refusals[$reason] }, (0) x ($count - 1);
    }
    flush_output() if $output ne '';
}

sub flush_output {
    my $wrote = syswrite STDOUT, $output;
    if (defined $wrote) { substr $output, 0, $wrote, '' }
    elsif ($! != EAGAIN && $! != EINTR) { exit 1 }
    exit 1 if length $output > MOST_OUTPUT;
}

sub read_input {
    my ($held) = @_;
    my $got = sysread STDIN, $$held, 65_536, length $$held;
    return if !defined $got && $! == EINTR;
    exit 0 if !$got;
    while ($$held =~ s/^([^\n]*)\n//) {
        my ($id, @addresses) = split / /, $1;
        if (@addresses) { begin_job($id, @addresses) }
        else { end_job($id) }
    }
}

syswrite STDOUT, 'ready ' . join(' ', map { "v$_=$family{$_}{kind} buffer$_=$family{$_}{buffer}" } @versions) . "\n";
STDOUT->blocking(0);
my $input = '';
my $looked = 0;

while (1) {
    my $now = clock_gettime(MONOTONIC);
    if ($now >= $looked + LOOK) {
        look($now);
        $looked = $now;
    }
    my $wait = send_due($now);
    $looked = 0 if defined $wait && $wait == 0;
    $wait = LOOK if @jobs + length $output && (!defined $wait || $wait > LOOK);
    my $ready = "\1";
    read_input(\$input) if select $ready, undef, undef, $wait;
}
