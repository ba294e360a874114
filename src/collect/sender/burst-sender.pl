#!/usr/bin/perl
# Sends bursts of packets for sender-process.ts and tells their round trips. In Perl, because it is on every Debian and
# reaches what Node does not: ICMP sockets, the time at which the kernel received a packet, and code points (DSCP). What is
# sent is in echo-packets.pl and stamp-packets.pl, by which sockets in sockets.pl, what Perl has no function for in linux.pl.
#
# Arguments: PACKETS (echo, stamp) COUNT TIMEOUT_MS SPACING_MS DSCP SIZE KINDS (of sockets, in the order in which to try
# them: "ping,raw" or "udp") WATCHED (1: tells more of each ICMP echo).
# Standard input, lines: "JOB COUNT TARGET TARGET ..." begins a job, a burst of COUNT packets to each, not more than the
# argument says; "JOB" alone ends it untold. The end of the input is the end. Targets are addresses, with
# "/PORT/FIRST_SEQUENCE_NUMBER" for STAMP.
# Standard output: a line, `ready NAME=VALUE ...` or `failed` and why. Then records, of unsigned 32-bit numbers, lowest byte
# first: the job, the place of the target in it, and for each packet what became of it and what else is told of it. Job 0 is
# none: its records tell how many answers were refused, by reason.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use List::Util qw(max min);

sub fail { syswrite STDOUT, "failed $_[0]\n"; exit 1 }
# Beside this file.
sub load { my ($name) = @_; return require((__FILE__ =~ m{^/} ? '' : './') . __FILE__ =~ s{[^/]*$}{$name}r) }
BEGIN { load('linux.pl') }

our ($packets_are, $count, $timeout_ms, $spacing_ms, $dscp, $size, $kinds, $watched) = @ARGV;
our $timeout = $timeout_ms / 1_000;
my $spacing = $spacing_ms / 1_000;

# What became of a packet: its round trip in 100 ns; or not sent, plus the number of the error; or unknown, or lost.
use constant { NOT_SENT => 0xffff0000, UNKNOWN => 0xfffffffe, LOST => 0xffffffff };

# One target of a job. The mark tells its packets, or their answers, from all others. From SENT on: when each packet was
# sent, by the wall clock, as long as it is awaited, else 0; then what became of each; then what else is told of each.
use constant {
    ADDRESS => 0, JOB => 1, PLACE => 2, MARK => 3, SEQUENCE => 4, HEAD => 5, SOCKET => 6, OPEN => 7, SENT => 8,
};
our $fate_at = SENT + $count;
our $told_at = $fate_at + $count;

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

# What is awaited, by the mark of the answer.
our %under_way;
my %refused;
our $headers;
my @refusals = qw(malformed unknown source duplicate);

# What these packets are: how sockets are opened, a target is begun, a row is sent, answers are received, and a target is
# forgotten; what is told of each packet besides its fate, bytes.
our $of = load("$packets_are-packets.pl");
clock_step();

# By address family: its kind, sockets, and the answers that they hold, bytes.
our %family;
load('sockets.pl');

# Packets to be sent without a look: their answers fill a quarter of the least buffer.
my $most_unseen = max(1, int(min(map { $_->{buffer} } values %family) / 4 / ($size * 2 + PACKET_OVERHEAD)));

# ---- jobs ----

my @jobs;
my $output = '';
my $told = "V a$of->{told}";
my $fates = 'V' . (2 + $count);

sub tell_result {
    my ($target) = @_;
    $of->{forget}->($target);
    if ($of->{told} == 0) { $output .= pack $fates, @$target[JOB, PLACE, $fate_at .. $told_at - 1] }
    else {
        $output .= pack 'V2', @$target[JOB, PLACE];
        $output .= pack $told, $target->[$fate_at + $_], $target->[$told_at + $_] // '' for 0 .. $count - 1;
    }
}

sub settle {
    my ($target, $place, $fate) = @_;
    @$target[SENT + $place, $fate_at + $place] = (0, $fate);
    tell_result($target) if --$target->[OPEN] == 0;
}

sub begin_job {
    my ($id, $burst, @to) = @_;
    my (@targets, %sockets);
    for my $place (0 .. $#to) {
        my ($text, $port, $sequence) = split m{/}, $to[$place];
        my $address = read_address($text, $port // 0);
        my $family = $family{ index($text, ':') < 0 ? 4 : 6 };
        my $target = [$address, $id, $place, '', $sequence, '', undef, $count, (0) x $count];
        # The same one for the same target each time: reflectors tell senders by their port.
        my $socket = $family && $address && $family->{sockets}[unpack('%32C*', $address) % @{ $family->{sockets} }];
        if ($socket) {
            $target->[SOCKET] = $sockets{$socket} = $socket;
            $of->{begin}->($target);
            push @targets, $target;
        }
        # No such family here, or no such interface: EAFNOSUPPORT, ENODEV. And what a shorter burst leaves out.
        my $failed = $socket ? 0 : $family ? 19 : 97;
        settle($target, $_, NOT_SENT + $failed) for ($socket ? $burst : 0) .. $count - 1;
    }
    return if !@targets;
    @targets = spread(@targets);
    # Evenly over the time between two packets to one target. A few need not be so slow, and many may not be so fast:
    # their rounds overlap.
    my $even = $spacing / @targets;
    my @sockets = values %sockets;
    push @jobs, {
        id => $id, packets => $burst, targets => \@targets, sockets => \@sockets,
        drops => { map { $_ => drops($_->[HANDLE]) } @sockets }, from => clock_gettime(MONOTONIC),
        step => $even >= 1 / MOST_RATE ? min($even, $tick) : $burst / MOST_RATE,
        # How many targets each packet of the burst was sent to, and the first that was not sent to all; when the last
        # was sent, and until which target: [time, target]; how many targets are over.
        next => [(0) x $burst], first => 0, rows => [], ended => 0,
    };
}

# Neighbours in the order of the configuration often share a line, so they should not be asked in one row: every k-th,
# then the next ones.
sub spread {
    my $k = int sqrt @_;
    return map { my $first = $_; @_[map { $first + $_ * $k } 0 .. int(($#_ - $first) / $k)] } 0 .. $k - 1;
}

# Those of a job that are not over.
sub targets_of { my ($job) = @_; return grep { defined && $_->[OPEN] > 0 } @{ $job->{targets} } }

sub end_job {
    my ($id) = @_;
    for my $target (map { targets_of($_) } grep { $_->{id} == $id } @jobs) { $of->{forget}->($target) }
    @jobs = grep { $_->{id} != $id } @jobs;
}

# Each job sends to its targets one after the other, once for each packet of the burst. Returns when there is more to
# send, s from now: undef for never, 0 when there is no room for more answers before somebody looks.
my $unseen = 0;
sub send_due {
    my ($now) = @_;
    my $room = $most_unseen - $unseen;
    my $wait;
    for my $job (@jobs) {
        my ($targets, $next, $step) = @$job{qw(targets next step)};
        for my $place ($job->{first} .. $job->{packets} - 1) {
            my $since = $now - $job->{from} - $place * $spacing;
            my $from = $next->[$place];
            my $until = $since < 0 ? 0 : 1 + int($since / $step);
            if ($until > $from) {
                $until = @$targets if $until > @$targets;
                $until = $from + $room if $until > $from + $room;
                $of->{send}->($place, @$targets[$from .. $until - 1]);
                $next->[$place] = $until;
                push @{ $job->{rows} }, [clock_gettime(MONOTONIC), $until] if $place == $job->{packets} - 1;
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

# Why an answer was not taken.
sub refuse {
    my ($socket, $length, $target, $from, $place) = @_;
    my $reason = $length < $socket->[LEAST] ? 'malformed'
        : !$target ? 'unknown'
        : $from ne $target->[ADDRESS] ? 'source'
        : $place < 0 || $place >= $count ? 'unknown'
        : 'duplicate';
    $refused{$reason}++;
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
                my $fate = drops($socket->[HANDLE]) == $job->{drops}{$socket} ? LOST : UNKNOWN;
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
    for my $target (map { targets_of($_) } @jobs) { $_ += $step for grep { $_ } @$target[SENT .. $fate_at - 1] }
}

sub look {
    my ($now) = @_;
    $unseen = 0;
    my %awaiting = map { $_ => $_ } map { @{ $_->{sockets} } } @jobs;
    forget_errors($_->[NUMBER]) for values %awaiting;
    my $unread = grep { !read_answers($_) } values %awaiting;
    expire($now) if $unread == 0;
    follow_clock();
    for my $reason (grep { $refused{ $refusals[$_] } } 0 .. $#refusals) {
        $output .= pack 'V3 x' . (4 * $count - 4 + $of->{told} * $count), 0, $reason, delete $refused{ $refusals[$reason] };
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
    $wait = LOOK if @jobs + length $output && (!defined $wait || $wait > LOOK);
    my $ready = "\1";
    read_input(\$input) if select $ready, undef, undef, $wait;
}
