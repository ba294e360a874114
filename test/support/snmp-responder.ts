import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

/** Small BER writer of the tests' own, so that the code under test is not its own measure. */
export const ber = (tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Uint8Array.from([tag, ...length]), body])
}
export const unsigned = (tag: number, value: bigint | number): Buffer => {
  const bytes: number[] = []
  for (let rest = BigInt(value); rest > 0n || bytes.length === 0; rest >>= 8n)
    bytes.unshift(Number(rest & 255n))
  if ((bytes[0] ?? 0) > 127) bytes.unshift(0)
  return ber(tag, bytes)
}
export const text = (value: string | Uint8Array): Buffer => ber(4, Buffer.from(value as string))
export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const out = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      out.unshift((left % 128) | 128)
    return out
  })
  return ber(6, bytes)
}
const endOfMib = ber(0x82)

export interface SnmpRequest {
  readonly bytes: Buffer
  readonly version: number
  readonly community: string
  /** 0xa0 GET, 0xa1 GETNEXT, 0xa5 GETBULK. */
  readonly type: number
  readonly id: number
  /** First number of a GETBULK: names at the front that are asked for once. */
  readonly nonRepeaters: number
  /** Second number of a GETBULK: max-repetitions. */
  readonly repetitions: number
  readonly oids: readonly string[]
}

interface Field {
  readonly tag: number
  readonly body: Buffer
}

function fields(bytes: Buffer): Field[] {
  const all: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1] ?? 0
    const size = first & 0x80 ? first & 0x7f : 0
    const length = size ? bytes.readUIntBE(at + 2, size) : first
    const start = at + 2 + size
    all.push({ tag: bytes[at] ?? 0, body: bytes.subarray(start, start + length) })
    at = start + length
  }
  return all
}

const dotted = (bytes: Buffer): string => {
  const arcs: number[] = []
  let value = 0
  for (const byte of bytes) {
    value = value * 128 + (byte & 127)
    if (byte < 128) {
      arcs.push(value)
      value = 0
    }
  }
  const [first = 0, ...rest] = arcs
  return [
    Math.min(2, Math.floor(first / 40)),
    first - 40 * Math.min(2, Math.floor(first / 40)),
    ...rest,
  ].join('.')
}

const bodyOf = (field: Field | undefined): Buffer => field?.body ?? Buffer.alloc(0)

/** Reads a v1 or v2c request. */
function readRequest(bytes: Buffer): SnmpRequest {
  const [version, community, pdu] = fields(bodyOf(fields(bytes)[0]))
  const [id, nonRepeaters, repetitions, varbinds] = fields(bodyOf(pdu))
  return {
    bytes,
    version: bodyOf(version)[0] ?? 0,
    community: bodyOf(community).toString(),
    type: pdu?.tag ?? 0,
    id: bodyOf(id).readUIntBE(0, bodyOf(id).length),
    nonRepeaters: bodyOf(nonRepeaters)[0] ?? 0,
    repetitions: bodyOf(repetitions)[0] ?? 0,
    oids: fields(bodyOf(varbinds)).map((varbind) => dotted(bodyOf(fields(varbind.body)[0]))),
  }
}

export type ResponseVarbind = readonly [oid: string, value: Buffer]

/** The answer to a request, with what is to be wrong about it. */
export const response = (
  request: SnmpRequest,
  varbinds: readonly ResponseVarbind[],
  wrong: {
    readonly id?: number
    readonly community?: string
    readonly version?: number
    readonly status?: number
    readonly index?: number
    readonly pdu?: number
  } = {},
): Buffer =>
  ber(
    0x30,
    unsigned(2, wrong.version ?? request.version),
    text(wrong.community ?? request.community),
    ber(
      wrong.pdu ?? 0xa2,
      unsigned(2, wrong.id ?? request.id),
      unsigned(2, wrong.status ?? 0),
      unsigned(2, wrong.index ?? 0),
      ber(0x30, ...varbinds.map(([name, value]) => ber(0x30, oid(name), value))),
    ),
  )

const arcsOf = (name: string): readonly number[] => name.split('.').map(Number)

const order = (a: readonly number[], b: readonly number[]): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/** No message is longer, as with any agent; the rest of the rows is left out. */
const mostBytes = 60_000

/** Answers GET, GETNEXT and GETBULK from a table, as an agent should. */
export function answerFrom(mib: Readonly<Record<string, Buffer>>): (request: SnmpRequest) => Buffer {
  const sorted = Object.keys(mib)
    .map((name) => ({ name, arcs: arcsOf(name) }))
    .sort((one, other) => order(one.arcs, other.arcs))
  const next = (after: string): ResponseVarbind => {
    const arcs = arcsOf(after)
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order(sorted[middle]?.arcs ?? [], arcs) > 0) high = middle
      else low = middle + 1
    }
    const found = sorted[low]?.name
    return found === undefined ? [after, endOfMib] : [found, mib[found] ?? endOfMib]
  }
  return (request) => {
    if (request.type === 0xa0)
      return response(
        request,
        request.oids.map((name) => [name, mib[name] ?? ber(0x80)] as const),
      )
    const rows = request.type === 0xa1 ? 1 : request.repetitions
    const once = request.type === 0xa1 ? 0 : request.nonRepeaters
    const all: ResponseVarbind[] = request.oids.slice(0, once).map(next)
    let row: readonly string[] = request.oids.slice(once)
    let size = 0
    for (let i = 0; i < rows; i++) {
      const found = row.map(next)
      for (const [name, value] of found) size += name.length + value.length + 6
      if (size > mostBytes) break
      all.push(...found)
      row = found.map(([name]) => name)
    }
    const ended = all.findIndex(([, value]) => value === endOfMib)
    if (request.version === 0 && ended >= 0)
      return response(
        request,
        request.oids.map((name) => [name, ber(5)] as const),
        { status: 2, index: ended + 1 },
      )
    return response(request, all)
  }
}

export interface SnmpResponder extends AsyncDisposable {
  readonly address: string
  readonly port: number
  readonly requests: readonly SnmpRequest[]
  /** What it answers; replace it to behave otherwise from now on. */
  answer: (request: SnmpRequest) => Buffer | readonly Buffer[] | undefined
  /** Sends from another socket, to where the last request came from. */
  sendFromElsewhere(bytes: Buffer): Promise<void>
}

/** A UDP socket that answers SNMP as the test says, well or not. */
export async function startSnmpResponder(
  answer: SnmpResponder['answer'],
  address = '127.0.0.1',
): Promise<SnmpResponder> {
  const socket = createSocket('udp4')
  const elsewhere = createSocket('udp4')
  const requests: SnmpRequest[] = []
  let asker: RemoteInfo | undefined
  socket.bind(0, address)
  await once(socket, 'listening')
  const responder: SnmpResponder = {
    address,
    port: socket.address().port,
    requests,
    answer,
    sendFromElsewhere: (bytes) =>
      new Promise((resolve, reject) => {
        elsewhere.send(bytes, asker?.port ?? 0, asker?.address, (error) =>
          error ? reject(error) : resolve(),
        )
      }),
    async [Symbol.asyncDispose]() {
      for (const one of [socket, elsewhere]) {
        const closed = once(one, 'close')
        one.close()
        await closed
      }
    },
  }
  socket.on('message', (bytes, from) => {
    asker = from
    const request = readRequest(bytes)
    requests.push(request)
    const answers = responder.answer(request)
    for (const one of answers === undefined ? [] : Buffer.isBuffer(answers) ? [answers] : answers)
      socket.send(one, from.port, from.address)
  })
  return responder
}
