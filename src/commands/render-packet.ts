import { packetLines } from '../collect/snmp/packet-text.ts'
import type { SeenPacket } from '../collect/snmp/transport/packet-watch.ts'
import { plain } from './text-table.ts'

/** One packet as text for a terminal: when, which way, and what it says. No secrets. */
export function renderPacket({ sent, address, port, bytes }: SeenPacket, afterMs: number): string {
  const host = address.includes(':') ? `[${address}]` : address
  const [head = '', ...values] = packetLines(bytes).map(plain)
  const way = sent ? '→' : '←'
  return [`${afterMs} ms ${way} ${host}:${port}  ${bytes.length} bytes  ${head}`, ...values].join('\n')
}
