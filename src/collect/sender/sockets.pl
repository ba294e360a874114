# For burst-sender.pl: sockets of both address families, and addresses as they want them.
use strict;
use warnings;
use Socket qw(:DEFAULT :addrinfo inet_pton pack_sockaddr_in pack_sockaddr_in6);

our ($of, $kinds, $dscp, %family);

# Answers that the kernel should hold for us, bytes, and how many sockets may be opened to have that.
use constant { WANTED_BUFFER => 4 * 1024 * 1024, MOST_SOCKETS => 4 };

my @problems;
for my $version (4, 6) {
    for my $kind ($of->{order}->($version, split /,/, $kinds)) {
        my $open = sub {
            my $socket = $of->{open}->($version, $kind) or return;
            return prepare_socket($socket->[HANDLE], $version, WANTED_BUFFER, $dscp) ? $socket : undef;
        };
        my $first = $open->();
        if (!$first) { push @problems, "IPv$version $kind socket: $!"; next }
        my $held = unpack 'i', getsockopt($first->[HANDLE], SOL_SOCKET, SO_RCVBUF);
        my @sockets = ($first);
        while (@sockets < MOST_SOCKETS && $held * @sockets < WANTED_BUFFER) { push @sockets, $open->() || last }
        $family{$version} = { kind => $kind, sockets => \@sockets, buffer => $held * @sockets };
        last;
    }
}
fail(join '; ', @problems) if !%family;

# An address, or "ADDRESS/PORT", as the kernel writes them. The same are asked again and again, so they are kept; except with
# a zone, an interface that may be another one tomorrow.
my %addresses;
use constant MOST_ADDRESSES => 100_000;
sub read_address {
    my ($key) = @_;
    return $addresses{$key} // do {
        my ($text, $port) = split m{/}, $key;
        $port //= 0;
        my $address;
        if (index($text, ':') < 0) { $address = pack_sockaddr_in($port, inet_pton(AF_INET, $text) // return) }
        elsif (index($text, '%') < 0) { $address = pack_sockaddr_in6($port, inet_pton(AF_INET6, $text) // return) }
        else {
            my ($error, $found) = getaddrinfo($text, $port, { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM });
            return $error || !$found ? undef : $found->{addr};
        }
        %addresses = () if keys %addresses > MOST_ADDRESSES;
        $addresses{$key} = $address;
    };
}

1;
