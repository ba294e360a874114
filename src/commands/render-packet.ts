import type { SeenEcho, SeenStamp } from '../collect/burst-watch.ts'
import { packetLines } from '../collect/snmp/packet-text.ts'
import type { SeenPacket } from '../collect/snmp/transport/packet-watch.ts'
import { plain } from './text-table.ts'

const endpoint = (address: string, port: number) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** One packet as text for a terminal: when, which way, and what it says. No secrets. */
export function renderPacket({ sent, address, port, bytes }: SeenPacket, afterMs: number): string {
  const [head = '', ...values] = packetLines(bytes).map(plain)
  const way = sent ? '→' : '←'
  return [`${afterMs} ms ${way} ${endpoint(address, port)}  ${bytes.length} bytes  ${head}`, ...values].join(
    '\n',
  )
}

/** Six decimals: what is left of the kernel's nanoseconds. */
const time = (ms: number): string => {
  const micros = Math.round(ms * 1_000)
  const rest = String(((micros % 1e6) + 1e6) % 1e6).padStart(6, '0')
  return `${new Date(Math.floor(micros / 1e6) * 1_000).toISOString().slice(11, 19)}.${rest}`
}
const ms = (value: number): string => `${Number(value.toFixed(4))} ms`

/** `name value`, each that is known. */
const parts = (...all: readonly (readonly [name: string, value: string | number | undefined])[]) =>
  all.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`.trim()]))

const known = <Value>(value: number | undefined, show: (value: number) => Value) =>
  value === undefined ? undefined : show(value)

const fateText = ({ fate, rttMs, problem }: SeenEcho | SeenStamp): string =>
  fate === 'answered'
    ? (known(rttMs, ms) ?? 'answered')
    : {
        lost: 'lost',
        unknown: 'unknown: this host had no room for answers',
        notSent: `not sent: ${plain(problem ?? '')}`,
      }[fate]

/**
 * One packet of a burst as text for a terminal: whose it is, its numbers, what became of it, its times (UTC, by the clock
 * of each side) and the hops that were left.
 */
export function renderBurstPacket(packet: SeenEcho | SeenStamp): string {
  const { probe, address, sequence, sentAt, ttl } = packet
  const whose =
    probe === 'icmp'
      ? [address, ...parts(['id', packet.identifier], ['seq', sequence])]
      : [
          endpoint(address, packet.port),
          ...parts(['seq', sequence], ['reflector seq', packet.reflectorSequence]),
        ]
  const times =
    probe === 'icmp'
      ? parts(['sent', known(sentAt, time)])
      : parts(
          ['T1', known(sentAt, time)],
          ['T2', known(packet.reachedAt, time)],
          ['T3', known(packet.reflectedAt, time)],
          ['T4', known(packet.answeredAt, time)],
          ['there', known(packet.forwardMs, ms)],
          ['back', known(packet.backwardMs, ms)],
          ['ttl there', packet.ttlThere],
        )
  return [probe, ...whose, fateText(packet), ...times, ...parts(['ttl', ttl])].join('  ')
}
