import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An IPv4 packet as it passed the interface. */
export interface Captured {
  /** UTC epoch milliseconds, with decimals. */
  readonly atMs: number
  readonly packet: Buffer
}

const pcapNanoseconds = 0xa1b23c4d
const ethernetHeader = 14

/** Of the file format that tcpdump writes (libpcap 2.4), with nanoseconds, link type Ethernet. */
function* readPcap(bytes: Buffer): Generator<Captured> {
  if (bytes.readUInt32LE(0) !== pcapNanoseconds) throw new Error('not a capture with nanoseconds')
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8)
    const body = bytes.subarray(at + 16 + ethernetHeader, at + 16 + length)
    yield { atMs: bytes.readUInt32LE(at) * 1_000 + bytes.readUInt32LE(at + 4) / 1e6, packet: body }
    at += 16 + length
  }
}

export const hasTcpdump = (): boolean => process.getuid?.() === 0 && process.platform === 'linux'

/** Captures what passes the loopback interface of this network namespace, until it is stopped. */
export async function startCapture(filter: string): Promise<() => Promise<Iterable<Captured>>> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-capture-'))
  const file = join(folder, 'packets')
  const child = spawn(
    'tcpdump',
    [
      '-i',
      'lo',
      '-n',
      '-s',
      '128',
      '-B',
      '65536',
      '--time-stamp-precision=nano',
      '-Z',
      'root',
      '-w',
      file,
      filter,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`tcpdump ended: ${said}`)))
    child.stderr.on('data', (chunk) => {
      said += chunk
      if (said.includes('listening on')) resolve()
    })
  })
  return async () => {
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    await exited
    const dropped = Number(/(\d+) packets dropped by kernel/.exec(said)?.[1] ?? 0)
    if (dropped > 0) console.log(`  the capture lost ${dropped} packets`)
    const packets = [...readPcap(readFileSync(file))]
    rmSync(folder, { recursive: true })
    return packets
  }
}

/** A request and its answer, as the capture saw them. */
export interface Exchange {
  readonly sentAtMs: number
  rttMs: number | undefined
}

interface Ends {
  /** Whom it goes to or comes from. */
  readonly element: string
  readonly key: string
  readonly isRequest: boolean
}

/** Exchanges by the element's address, in the order of sending. */
export function exchanges(
  packets: Iterable<Captured>,
  read: (packet: Buffer) => Ends | undefined,
): ReadonlyMap<string, readonly Exchange[]> {
  const open = new Map<string, Exchange>()
  const all = new Map<string, Exchange[]>()
  for (const { atMs, packet } of packets) {
    const ends = read(packet)
    if (ends === undefined) continue
    const key = `${ends.element} ${ends.key}`
    if (ends.isRequest) {
      const exchange: Exchange = { sentAtMs: atMs, rttMs: undefined }
      open.set(key, exchange)
      const list = all.get(ends.element)
      if (list === undefined) all.set(ends.element, [exchange])
      else list.push(exchange)
    } else {
      const exchange = open.get(key)
      if (exchange !== undefined) exchange.rttMs ??= atMs - exchange.sentAtMs
    }
  }
  return all
}

export const ipv4 = (packet: Buffer, at: number): string => packet.subarray(at, at + 4).join('.')

/**
 * How far the round trips of a burst are from those of the capture, ms; nothing for a burst that the capture does not
 * hold completely.
 */
export function rttErrors(
  burst: { readonly from: number; readonly until: number; readonly rttsMs: readonly (number | null)[] },
  captured: readonly Exchange[] = [],
): readonly number[] {
  const own = captured.filter(({ sentAtMs }) => sentAtMs >= burst.from - 1 && sentAtMs <= burst.until + 1)
  if (own.length !== burst.rttsMs.length) return []
  return burst.rttsMs.flatMap((rtt, i) => {
    const seen = own[i]?.rttMs
    return rtt === null || seen === undefined ? [] : [Math.abs(rtt - seen)]
  })
}
