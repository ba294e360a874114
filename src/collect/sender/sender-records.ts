import { getSystemErrorMessage } from 'node:util'

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

/** For people: `IPv4 by ping sockets with room for 8192 KiB of answers`. */
export const describeSockets = ({ sockets }: SenderFacts): string =>
  sockets
    .map(
      ({ family, kind, bufferBytes }) =>
        `IPv${family} by ${kind} sockets with room for ${Math.round(bufferBytes / 1_024)} KiB of answers`,
    )
    .join(', ')

/** Reasons for which the sender refused answers, in the order of its numbers. */
export const refusals = ['malformed', 'unknown', 'source', 'duplicate'] as const

/** `bytes` holds what is told of each packet, from `at` on; valid during the call only. */
export type OnRecord = (job: number, place: number, bytes: Buffer, at: number) => void

const wordBytes = 4

/** Targets of one record of the sender, its TOGETHER. */
const together = 8

/** In place of a target: there are no more in this record. */
const nobody = 0xffff_ffff

/**
 * Cuts the output of the sender into its records, and these into targets with `packetBytes` for each packet of a burst. A
 * record goes by packets: what became of the first one to each target, then of the second; then what else is told of each.
 */
export function createRecordSplitter(count: number, packetBytes: number, onRecord: OnRecord) {
  const moreBytes = packetBytes - wordBytes
  const fatesAt = wordBytes * (1 + together)
  const moreAt = fatesAt + wordBytes * together * count
  const recordBytes = moreAt + moreBytes * together * count
  const told = Buffer.alloc(count * packetBytes)
  let rest: Buffer | undefined

  function readRecord(bytes: Buffer, from: number): void {
    const job = bytes.readUInt32LE(from)
    for (let i = 0; i < together; i++) {
      const place = bytes.readUInt32LE(from + wordBytes * (1 + i))
      if (place === nobody) return
      for (let packet = 0; packet < count; packet++) {
        const item = packet * together + i
        const at = packet * packetBytes
        told.writeUInt32LE(bytes.readUInt32LE(from + fatesAt + wordBytes * item), at)
        if (moreBytes === 0) continue
        const more = from + moreAt + moreBytes * item
        bytes.copy(told, at + wordBytes, more, more + moreBytes)
      }
      onRecord(job, place, told, 0)
    }
  }

  return (chunk: Buffer): void => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (; at + recordBytes <= bytes.length; at += recordBytes) readRecord(bytes, at)
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

/** What became of a packet, from its number: its round trip in ms, null when it is lost, else why nothing is known of it. */
export function readFate(fate: number): number | null | string {
  if (fate < notSent) return fate / unitsPerMs
  if (fate === lost) return null
  return fate === unknown ? noRoom : getSystemErrorMessage(-(fate - notSent))
}

export const noRoom = 'this host had no room for the answers'
