import { createSocket, type RemoteInfo } from 'node:dgram'
import { isIPv6, SocketAddress } from 'node:net'
import { messageHeader, pduTags } from './message-header.ts'

/** Why a datagram was dropped; the label of `faultline_packets_refused_total`. */
export type Refusal = 'wrong-source' | 'malformed' | 'wrong-version' | 'wrong-community' | 'unauthenticated'

/** What a datagram must be like to reach the library. */
export interface Gate {
  readonly port: number
  /** Where answers may come from, the address asked among them. */
  readonly addresses: readonly string[]
  /** 0, 1 or 3, as in the message. */
  readonly version: number
  readonly community?: string
  /** v3: the flags that every answer but a Report must carry. */
  readonly flags?: number
}

/** One spelling for each address, without a zone. */
export function canonicalAddress(address: string): string {
  const bare = address.split('%', 1)[0] ?? address
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}

/** Why this datagram is not for us; undefined when it may be decoded. */
export function refusalOf(gate: Gate, bytes: Uint8Array, from: Pick<RemoteInfo, 'address' | 'port'>) {
  const source = canonicalAddress(from.address)
  if (from.port !== gate.port || !gate.addresses.some((address) => canonicalAddress(address) === source))
    return 'wrong-source' satisfies Refusal
  const header = messageHeader(bytes)
  if (header === undefined) return 'malformed' satisfies Refusal
  if (header.version !== gate.version) return 'wrong-version' satisfies Refusal
  if (gate.community !== undefined) {
    const same = header.community !== undefined && Buffer.from(gate.community).equals(header.community)
    if (!same) return 'wrong-community' satisfies Refusal
    return header.pdu === pduTags.response ? undefined : ('malformed' satisfies Refusal)
  }
  // A Report says why we were not understood, so it may come in the clear (RFC 3414 §3.2).
  const needed = gate.flags ?? 0
  if (((header.flags ?? 0) & needed) !== needed && header.pdu !== pduTags.report)
    return 'unauthenticated' satisfies Refusal
  return undefined
}

/** Told what happens at the socket. `from` is `address:port`. */
export interface GateWatcher {
  refused(reason: Refusal, from: string): void
  /** This one was handed to the library. */
  passed(): void
  /** The library threw while it took a datagram, and may have lost the request. */
  broken(from: string): void
  socketFailed(error: Error): void
}

/**
 * Stands in for `node:dgram` in the library, which itself checks neither where a datagram comes from nor, before it
 * gives up the request, whether it is an answer to it; and which may throw from its receiver on a malformed one.
 */
export function gatedDgram(gate: Gate, watcher: GateWatcher) {
  type Receiver = (bytes: Buffer) => void
  const receive = (receiver: Receiver) => (bytes: Buffer, from: RemoteInfo) => {
    const source = `${from.address}:${from.port}`
    const refusal = refusalOf(gate, bytes, from)
    if (refusal !== undefined) return watcher.refused(refusal, source)
    watcher.passed()
    try {
      receiver(bytes)
    } catch {
      watcher.broken(source)
    }
  }
  return {
    createSocket(type: 'udp4' | 'udp6') {
      const socket = createSocket({
        type,
        // Targets are addresses, so nothing is looked up, and nothing waits for the resolver's threads.
        lookup: (address, _options, found) => found(null, address, type === 'udp6' ? 6 : 4),
      })
      socket.on('error', (error) => watcher.socketFailed(error))
      return {
        on(event: string, listener: Receiver & (() => void)) {
          if (event === 'message') socket.on('message', receive(listener))
          else if (event === 'close') socket.on('close', listener)
        },
        send: socket.send.bind(socket),
        close: () => socket.close(),
        ref: () => socket.ref(),
        unref: () => socket.unref(),
      }
    },
  }
}
