import { getSystemErrorMessage } from 'node:util'
import type { EchoResult } from './echo-engine.ts'

/** What the sender says first: the kind of socket that it has for each address family, and what the kernel holds there. */
export interface SenderFacts {
  readonly sockets: readonly { readonly family: 4 | 6; readonly kind: string; readonly bufferBytes: number }[]
}

/** `ready v4=ping buffer4=8388608 v6=ping buffer6=8388608`; a text is why it is not ready. */
export function parseFirstLine(line: string): SenderFacts | string {
  const [word, ...rest] = line.split(' ')
  if (word !== 'ready') return line.replace(/^failed /, '').slice(0, 300) || 'it said nothing'
  const values = new Map(rest.map((pair) => pair.split('=')).map(([name, value = '']) => [name, value]))
  const sockets = ([4, 6] as const).flatMap((family) => {
    const kind = values.get(`v${family}`)
    return kind === undefined ? [] : [{ family, kind, bufferBytes: Number(values.get(`buffer${family}`)) }]
  })
  return { sockets }
}

/** Reasons for which the sender refused answers, in the order of its numbers. */
export const refusals = ['malformed', 'unknown', 'source', 'duplicate'] as const

/** `bytes` holds what became of each packet, from `at` on; valid during the call only. */
export type OnRecord = (job: number, place: number, bytes: Buffer, at: number) => void

const wordBytes = 4

/** Cuts the output of the sender into its records: job, place, and one number for each packet of the burst. */
export function createRecordSplitter(count: number, onRecord: OnRecord) {
  const recordBytes = (2 + count) * wordBytes
  let rest: Buffer | undefined
  return (chunk: Buffer): void => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (; at + recordBytes <= bytes.length; at += recordBytes)
      onRecord(bytes.readUInt32LE(at), bytes.readUInt32LE(at + wordBytes), bytes, at + 2 * wordBytes)
    rest = at === bytes.length ? undefined : bytes.subarray(at)
  }
}

const lost = 0xffff_ffff
/** The kernel had no room for answers meanwhile, so nobody knows. */
const unknown = 0xffff_fffe
/** Plus the number of the error. */
const notSent = 0xffff_0000
/** Round trips are told in units of 100 ns. */
const unitsPerMs = 10_000

/** What became of `count` packets, from their numbers. Packets that were not sent, or of which nothing is known, are left out. */
export function readFates(bytes: Buffer, at: number, count: number): EchoResult {
  const rttsMs: (number | null)[] = []
  let failed: number | undefined
  for (let i = 0; i < count; i++) {
    const fate = bytes.readUInt32LE(at + i * wordBytes)
    if (fate < notSent) rttsMs.push(fate / unitsPerMs)
    else if (fate === lost) rttsMs.push(null)
    else failed = fate
  }
  if (rttsMs.length > 0 || failed === undefined) return { kind: 'sent', rttsMs }
  return {
    kind: 'notSent',
    problem:
      failed === unknown
        ? 'this host had no room for the answers'
        : getSystemErrorMessage(-(failed - notSent)),
  }
}
