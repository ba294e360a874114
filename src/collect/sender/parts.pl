# For burst-sender.pl: what is known of the targets of a job.
#
# The targets of a job that share a socket are a part of it, in the order in which they are sent to. What is known of them is
# in long strings with an item of fixed length for each: variables for each of thousands of packets would not fit in the
# cache of a processor, and Perl does many items by one operation. Items of packets are those of the first packet of the
# burst to each target, room for `room` of them, then those of the second, and so on.
#   addresses, sequences  of each target, the sequences only where a target comes with one
#   places                of each in the job
#   sent                  when each packet was sent, by the wall clock in 100 ns (unsigned 64 bits, highest byte first)
#   fates, told           what became of each packet, and what else is told of each
#   open                  for each TOGETHER targets: of how many packets it is not known yet what became of them
#   step, from            time between two targets, s, and when the first packet was due
#   drops                 what the kernel had dropped of the answers to its socket then
#   next, first           how many targets each packet of the burst was sent to, and the first that was not sent to all
#   rows                  when the last packet was sent until which target: [time, target]
#   ended                 how many targets are over, in steps of TOGETHER
use strict;
use warnings;
use List::Util qw(min);

our ($count, $of, $output);

# What became of a packet: its round trip in 100 ns; or not sent, plus the number of the error; or not known yet; or unknown,
# or lost.
use constant { NOT_SENT => 0xffff0000, AWAITED => 0xfffffffd, UNKNOWN => 0xfffffffe, LOST => 0xffffffff };

# Targets whose results are told together, when all of them are known: a power of two, and its logarithm.
use constant { TOGETHER => 8, TOGETHER_BITS => 3, NOBODY => 0xffffffff };

# Each target has a number. A part takes so many together as it needs.
use constant { BLOCK_BITS => 12, MOST_BLOCKS => 1 << 20 };
our %part_of;
my $next_block = 0;

sub number_targets {
    my ($part) = @_;
    my @blocks;
    do {
        my $blocks = 1 + ($part->{targets} - 1 >> BLOCK_BITS);
        $next_block = 0 if $next_block + $blocks > MOST_BLOCKS;
        @blocks = $next_block .. $next_block + $blocks - 1;
        $next_block += $blocks;
    } while grep { $part_of{$_} } @blocks;
    $part_of{$_} = $part for @blocks;
    @$part{qw(blocks base)} = (\@blocks, $blocks[0] << BLOCK_BITS);
}

# $first: of TOGETHER targets.
sub tell_results {
    my ($part, $first) = @_;
    $of->{forget}->($part, $first);
    my ($room, $each) = ($part->{room}, $of->{told});
    $output .= pack 'V a*', $part->{id}, substr $part->{places}, 4 * $first, 4 * TOGETHER;
    $output .= substr $part->{fates}, 4 * ($_ * $room + $first), 4 * TOGETHER for 0 .. $count - 1;
    return if $each == 0;
    $output .= substr $part->{told}, $each * ($_ * $room + $first), $each * TOGETHER for 0 .. $count - 1;
}

sub settle {
    my ($part, $place, $target, $fate) = @_;
    substr $part->{fates}, 4 * ($place * $part->{room} + $target), 4, pack('V', $fate);
    tell_results($part, $target & -TOGETHER) if --$part->{open}[$target >> TOGETHER_BITS] == 0;
}

sub new_part {
    my ($id, $burst, $socket) = @_;
    my %part = (id => $id, packets => $burst, socket => $socket, targets => 0);
    return { %part, addresses => '', sequences => '', places => '' };
}

# When all its targets are known.
sub lay_out_part {
    my ($part) = @_;
    my ($targets, $burst) = @$part{qw(targets packets)};
    my $room = $part->{room} = $targets + TOGETHER - 1 & -TOGETHER;
    $part->{places} .= pack 'V*', (NOBODY) x ($room - $targets);
    # What a shorter burst leaves out is not sent.
    $part->{fates} = pack('V', AWAITED) x ($burst * $room) . pack('V', NOT_SENT) x (($count - $burst) * $room);
    $part->{told} = "\0" x ($count * $room * $of->{told});
    $part->{sent} = "\0" x (8 * $burst * $room);
    $part->{open} = [map { $burst * min(TOGETHER, $targets - $_ * TOGETHER) } 0 .. $room / TOGETHER - 1];
    number_targets($part);
    $of->{begin}->($part);
}

sub forget_part { my ($part) = @_; delete @part_of{ @{ $part->{blocks} } } }

# This host cannot send to these places of a job, for the reason with this number.
sub tell_unsent {
    my ($id, $error, @places) = @_;
    my $part = new_part($id, 0, undef);
    $part->{targets} = @places;
    $part->{places} = pack 'V*', @places;
    lay_out_part($part);
    $part->{fates} = pack('V', NOT_SENT + $error) x ($count * $part->{room});
    tell_results($part, $_ * TOGETHER) for 0 .. $#{ $part->{open} };
    forget_part($part);
}

sub address_of {
    my ($part, $target) = @_;
    my $length = length($part->{addresses}) / $part->{targets};
    return substr $part->{addresses}, $target * $length, $length;
}

# The clock by which packets are timed was set, by so many 100 ns. What was not sent has no time.
sub shift_times {
    my ($part, $step) = @_;
    $part->{sent} = pack 'Q>*', map { $_ && $_ + $step } unpack 'Q>*', $part->{sent};
}

# Nobody waits for these any more.
sub end_targets {
    my ($part, $first, $fate) = @_;
    for my $place (0 .. $part->{packets} - 1) {
        my $at = 4 * ($place * $part->{room} + $first);
        my @fates = unpack 'V*', substr $part->{fates}, $at, 4 * TOGETHER;
        substr $part->{fates}, $at, 4 * TOGETHER, pack('V*', map { $_ == AWAITED ? $fate : $_ } @fates);
    }
    $part->{open}[$first >> TOGETHER_BITS] = 0;
    tell_results($part, $first);
}

1;
