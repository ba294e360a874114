#!/usr/bin/perl
# Sends bursts of packets for sender-process.ts and tells their round trips. In Perl, because it is on every Debian and
# reaches what Node does not: ICMP sockets, the time at which the kernel received a packet, and code points (DSCP). What is
# sent is in echo-packets.pl and stamp-packets.pl, by which sockets in sockets.pl, what is known of it in parts.pl, what
# Perl has no function for in linux.pl.
#
# Arguments: PACKETS (echo, stamp) COUNT TIMEOUT_MS SPACING_MS DSCP SIZE KINDS (of sockets, in the order in which to try
# them: "ping,raw" or "udp") WATCHED (1: tells more of each ICMP echo).
# Standard input, lines: "JOB COUNT TARGET TARGET ..." begins a job, a burst of COUNT packets to each, not more than the
# argument says; "JOB" alone ends it untold. The end of the input is the end. Targets are addresses, with
# "/PORT/FIRST_SEQUENCE_NUMBER" for STAMP.
# Standard output: a line, `ready NAME=VALUE ...` or `failed` and why. Then records, of unsigned 32-bit numbers, lowest byte
# first, each of TOGETHER targets of a job: the job, the place of each target in it (NOBODY: there are no more), what became
# of the first packet to each, of the second and so on; then, in the same order, what else is told of each packet. Job 0 is
# none: its records tell how many answers were refused (first packet of the first target), by reason (its place).
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use List::Util qw(max min sum0);

sub fail { syswrite STDOUT, "failed $_[0]\n"; exit 1 }
# Beside this file.
sub load { my ($name) = @_; return require((__FILE__ =~ m{^/} ? '' : './') . __FILE__ =~ s{[^/]*$}{$name}r) }
BEGIN { load('linux.pl'); load('parts.pl') }

our ($packets_are, $count, $timeout_ms, $spacing_ms, $dscp, $size, $kinds, $watched) = @ARGV;
our $timeout = $timeout_ms / 1_000;
my $spacing = $spacing_ms / 1_000;

# A socket: its handle and number, how what it receives is unpacked, how many bytes an answer has at least, how each of its
# packets begins, and whether they need a checksum of ours.
use constant { HANDLE => 0, NUMBER => 1, FORMAT => 2, LEAST => 3, BEGINNING => 4, SUMS => 5 };

# Time between two looks at what has come, s. The kernel stamps what comes, so nobody has to be awake for it. So many
# batches are read in one look at most.
use constant { LOOK => 0.05, MOST_BATCHES => 160 };
# Time between two rows of packets, s: the rarer the cheaper, and rows so short that they do not keep themselves waiting
# on the way, 6 KB when there are 10,000 elements to be asked five times in 10 s.
my $tick = max(0.001, min(0.012, 1.2 / ($size + 42)));
# Packets in a second at most, however many targets there are.
use constant MOST_RATE => 20_000;
# What the kernel reckons for a packet besides its data is the driver's business; more than that is not known, bytes.
use constant PACKET_OVERHEAD => 2_304;
# More bytes of results are held for nobody.
use constant MOST_OUTPUT => 16 * 1024 * 1024;

my %refused;
our $headers;
my @refusals = qw(malformed unknown source duplicate);

# What these packets are: how sockets are opened, a part is begun, a row is sent, answers are received, and targets are
# forgotten; whether targets come with a sequence number; what is told of each packet besides its fate, bytes.
our $of = load("$packets_are-packets.pl");
clock_step();

# By address family: its kind, sockets, and the answers that they hold, bytes.
our %family;
load('sockets.pl');

# Packets to be sent without a look: their answers fill a quarter of the least buffer.
my $most_unseen = max(1, int(min(map { $_->{buffer} } values %family) / 4 / ($size * 2 + PACKET_OVERHEAD)));

# ---- jobs ----

my @parts;
our $output = '';

sub begin_job {
    my ($id, $burst, @to) = @_;
    my (%parts, %failed);
    for my $place (spread(0 .. $#to)) {
        my ($text, $sequence) = ($to[$place], '');
        $sequence = $1 if $of->{sequences} && $text =~ s{/(\d+)$}{};
        my $family = $family{ index($text, ':') < 0 ? 4 : 6 };
        my $address = $family && read_address($text);
        # No such family here, or no such interface: EAFNOSUPPORT, ENODEV.
        if (!$address) { push @{ $failed{ $family ? 19 : 97 } }, $place; next }
        # The same one for the same target each time: reflectors tell senders by their port.
        my $sockets = $family->{sockets};
        my $socket = $sockets->[@$sockets == 1 ? 0 : unpack('%32C*', $address) % @$sockets];
        my $part = $parts{$socket} //= new_part($id, $burst, $socket);
        $part->{targets}++;
        $part->{addresses} .= $address;
        $part->{places} .= pack 'V', $place;
        $part->{sequences} .= pack 'N', $sequence if $of->{sequences};
    }
    tell_unsent($id, $_, @{ $failed{$_} }) for keys %failed;
    # Evenly over the time between two packets to one target. A few need not be so slow, and many may not be so fast:
    # their rounds overlap.
    my $all = sum0(map { $_->{targets} } values %parts) || return;
    my $even = $spacing / $all;
    my $step = $even >= 1 / MOST_RATE ? min($even, $tick) : $burst / MOST_RATE;
    for my $part (values %parts) {
        lay_out_part($part);
        @$part{qw(step from)} = ($step * $all / $part->{targets}, clock_gettime(MONOTONIC));
        @$part{qw(drops next first rows ended)} = (drops($part->{socket}[HANDLE]), [(0) x $burst], 0, [], 0);
        push @parts, $part;
    }
}

# Neighbours in the order of the configuration often share a line, so they should not be asked in one row: every k-th,
# then the next ones.
sub spread {
    my $k = int sqrt @_;
    return map { my $first = $_; @_[map { $first + $_ * $k } 0 .. int(($#_ - $first) / $k)] } 0 .. $k - 1;
}

sub end_job {
    my ($id) = @_;
    for my $part (grep { $_->{id} == $id } @parts) {
        $of->{forget}->($part, $_ * TOGETHER) for grep { $part->{open}[$_] > 0 } 0 .. $#{ $part->{open} };
        forget_part($part);
    }
    @parts = grep { $_->{id} != $id } @parts;
}

# Each part sends to its targets one after the other, once for each packet of the burst. Returns when there is more to
# send, s from now: undef for never, 0 when there is no room for more answers before somebody looks.
my $unseen = 0;
sub send_due {
    my ($now) = @_;
    my $room = $most_unseen - $unseen;
    my $wait;
    for my $part (@parts) {
        my ($targets, $next, $step) = @$part{qw(targets next step)};
        for my $place ($part->{first} .. $part->{packets} - 1) {
            my $since = $now - $part->{from} - $place * $spacing;
            my $from = $next->[$place];
            my $until = $since < 0 ? 0 : 1 + int($since / $step);
            if ($until > $from) {
                $until = $targets if $until > $targets;
                $until = $from + $room if $until > $from + $room;
                $of->{send}->($part, $place, $from, $until);
                $next->[$place] = $until;
                push @{ $part->{rows} }, [clock_gettime(MONOTONIC), $until] if $place == $part->{packets} - 1;
                $unseen += $until - $from;
                $room -= $until - $from;
                return 0 if $room == 0;
            }
            if ($next->[$place] == $targets) { $part->{first} = $place + 1; next }
            my $due = max($tick, $next->[$place] * $step - $since);
            $wait = $due if !defined $wait || $due < $wait;
            last if $since < 0;
        }
    }
    return $wait;
}

# Reads the answers that have come to a socket. Returns whether that were all.
sub read_answers {
    my ($socket) = @_;
    for (1 .. MOST_BATCHES) {
        my $got = read_packets($socket->[NUMBER]);
        $of->{receive}->($socket, $got, unpack LENGTHS, $headers);
        return 1 if $got < AT_ONCE;
    }
    return 0;
}

# Why an answer was not taken: by the part of the target that its mark names, and its place there and in the burst.
sub refuse {
    my ($socket, $length, $part, $target, $from, $place) = @_;
    my $reason = $length < $socket->[LEAST] ? 'malformed'
        : !$part || $target >= $part->{targets} ? 'unknown'
        : $from ne address_of($part, $target) ? 'source'
        : $place < 0 || $place >= $part->{packets} ? 'unknown'
        : 'duplicate';
    $refused{$reason}++;
}

# To be called when all is read that had come by `now`.
sub expire {
    my ($now) = @_;
    for my $part (@parts) {
        my ($targets, $rows) = @$part{qw(targets rows)};
        while (@$rows && $now >= $rows->[0][0] + $timeout) {
            my $until = (shift @$rows)->[1];
            while ($part->{ended} < $targets && min($part->{ended} + TOGETHER, $targets) <= $until) {
                my $first = $part->{ended};
                $part->{ended} += TOGETHER;
                next if $part->{open}[$first >> TOGETHER_BITS] == 0;
                # What the kernel had no room for is not lost on its way.
                end_targets($part, $first, drops($part->{socket}[HANDLE]) == $part->{drops} ? LOST : UNKNOWN);
            }
        }
        forget_part($part) if $part->{ended} >= $targets;
    }
    @parts = grep { $_->{ended} < $_->{targets} } @parts;
}

sub follow_clock {
    my $step = clock_step() * 1e7 or return;
    shift_times($_, $step) for @parts;
}

sub look {
    my ($now) = @_;
    $unseen = 0;
    my %awaiting = map { $_->{socket} => $_->{socket} } @parts;
    forget_errors($_->[NUMBER]) for values %awaiting;
    my $unread = grep { !read_answers($_) } values %awaiting;
    expire($now) if $unread == 0;
    follow_clock();
    for my $reason (grep { $refused{ $refusals[$_] } } 0 .. $#refusals) {
        my @places = ($reason, (NOBODY) x (TOGETHER - 1));
        my $rest = TOGETHER * $count * (4 + $of->{told}) - 4;
        $output .= pack "V* x$rest", 0, @places, delete $refused{ $refusals[$reason] };
    }
    flush_output() if $output ne '';
}

# ---- both pipes ----

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
        my ($id, @rest) = split / /, $1;
        if (@rest) { begin_job($id, @rest) }
        else { end_job($id) }
    }
}

syswrite STDOUT, 'ready ' . join(' ', map { "v$_=$family{$_}{kind} buffer$_=$family{$_}{buffer}" } sort keys %family) . "\n";
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
    $wait = LOOK if @parts + length $output && (!defined $wait || $wait > LOOK);
    my $ready = "\1";
    read_input(\$input) if select $ready, undef, undef, $wait;
}
