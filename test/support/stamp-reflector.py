"""A STAMP Session-Reflector (RFC 8762, unauthenticated) to test the sender against, written from the RFC alone.

usage: stamp-reflector.py ADDRESS [--port N] [--stateful] [--dwell MS] [--ptp]
                          [--drop-forward N,N,...] [--drop-backward N,N,...] [--extra]

Prints the UDP port that it got, then reflects until it is killed. N counts the packets that came in, from 0.
--dwell: time between the receive and the transmit time stamp; --ptp: time stamps in PTPv2 format (Z bit);
--extra: before each answer, also send rubbish, a truncated answer, and an answer to a packet that was never sent.
"""

import argparse
import socket
import struct
import time

SENDER = struct.Struct("!IQH30x")
REFLECTOR = struct.Struct("!IQHxxQIQHxxB3x")
assert SENDER.size == REFLECTOR.size == 44


def now(ptp):
    ns = time.time_ns()
    seconds, rest = divmod(ns, 10**9)
    if ptp:
        return seconds << 32 | rest
    return (seconds + 2208988800 & 0xFFFFFFFF) << 32 | (rest << 32) // 10**9


def numbers(text):
    return {int(part) for part in text.split(",") if part}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--stateful", action="store_true")
    parser.add_argument("--dwell", type=float, default=0)
    parser.add_argument("--ptp", action="store_true")
    parser.add_argument("--drop-forward", type=numbers, default=set())
    parser.add_argument("--drop-backward", type=numbers, default=set())
    parser.add_argument("--extra", action="store_true")
    args = parser.parse_args()

    family = socket.AF_INET6 if ":" in args.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((args.address, args.port))
    print(sock.getsockname()[1], flush=True)

    estimate = (0x4000 if args.ptp else 0) | 0x0A01
    own = {}
    count = -1
    while True:
        data, peer = sock.recvfrom(2048)
        received = now(args.ptp)
        count += 1
        if len(data) < SENDER.size or count in args.drop_forward:
            continue
        sequence, stamp, error = SENDER.unpack_from(data)
        mine = own.get(peer, 0)
        own[peer] = mine + 1
        if count in args.drop_backward:
            continue
        if args.dwell:
            time.sleep(args.dwell / 1000)

        def answer(of):
            return REFLECTOR.pack(
                mine if args.stateful else of, now(args.ptp), estimate, received, of, stamp, error, 64
            )

        if args.extra:
            sock.sendto(b"rubbish", peer)
            sock.sendto(answer(sequence)[:43], peer)
            sock.sendto(answer(sequence + 1000), peer)
        sock.sendto(answer(sequence), peer)


if __name__ == "__main__":
    main()
