#!/usr/bin/perl
# Runs the packet sender with its output in a pipe of which nobody reads more than the first line, as long as FILE is there;
# else as it is. Arguments: FILE, then those of perl. It ends with the sender, as the sender did.
use strict;
use warnings;

my $file = shift;
exec 'perl', @ARGV if !-e $file;
pipe my $unread, my $output or die "pipe: $!";
my $sender = fork // die "fork: $!";
if ($sender == 0) {
    close $unread;
    open STDOUT, '>&', $output or die "output: $!";
    exec 'perl', @ARGV;
}
close $output;
# Byte by byte: what is behind the first line stays in the pipe.
my $byte;
while (sysread $unread, $byte, 1) {
    syswrite STDOUT, $byte;
    last if $byte eq "\n";
}
# It has our input to itself, and ends with that when we are killed.
close STDIN;
close STDOUT;
waitpid $sender, 0;
exit $? >> 8;
