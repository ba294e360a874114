import type { Sample } from '../src/model/sample.ts'
import { LineDecoder } from '../src/store/embedded/line-decoder.ts'
import { LineEncoder } from '../src/store/line-encoder.ts'
import { frameHeader } from '../src/store/spool/frame.ts'
import { packed, unpacked } from '../src/store/spool/payload.ts'
import { print, type Result, spentOn } from './support/measure.ts'
import { interfaceSamples, pingSamples } from './support/traffic.ts'

/** Samples to line protocol, lines to frames and back, lines to rows: rows per CPU second, no disk. */

const at = Date.UTC(2026, 2, 1, 8)
const perFrame = 1_000
const seconds = 1

/** Over and over for a while; rows a CPU second. */
async function rate(rows: number, work: () => Promise<void> | void): Promise<number> {
  await work()
  await work()
  let done = 0
  const { cpuSeconds } = await spentOn(async () => {
    const until = performance.now() + seconds * 1_000
    while (performance.now() < until) {
      await work()
      done += rows
    }
  })
  return done / cpuSeconds
}

const encodeAll = (encoder: LineEncoder, samples: readonly Sample[]) => {
  const frames = []
  for (const sample of samples) {
    encoder.append(sample)
    if (encoder.rows === perFrame) frames.push(encoder.take())
  }
  if (encoder.rows > 0) frames.push(encoder.take())
  return frames
}

const results: Result[] = []
for (const [name, samples] of [
  ['interface', interfaceSamples(20_000, at)],
  ['interface, all random', interfaceSamples(20_000, at, { noisy: true })],
  ['icmp', pingSamples(20_000, at)],
] as const) {
  const encoder = new LineEncoder(() => {})
  const encoded = await rate(samples.length, () => void encodeAll(encoder, samples))
  results.push({ name: `encode, ${name}`, value: encoded, unit: 'rows/CPU s', goal: { atLeast: 500_000 } })
  const frames = encodeAll(encoder, samples)
  const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0)
  results.push({ name: `line, ${name}`, value: bytes / samples.length, unit: 'B/row' })
  const payloads = await Promise.all(
    frames.map(async (frame) => ({ payload: await packed(frame.bytes), rows: frame.rows })),
  )
  const onDisk = payloads.reduce((sum, { payload }) => sum + payload.length + 16, 0)
  results.push({ name: `frame, ${name}`, value: onDisk / samples.length, unit: 'B/row' })
  const packing = await rate(samples.length, async () => {
    for (const frame of frames) frameHeader(await packed(frame.bytes), frame.rows)
  })
  results.push({ name: `pack into frames, ${name}`, value: packing, unit: 'rows/CPU s' })
  const unpacking = await rate(samples.length, async () => {
    for (const payload of payloads) await unpacked([payload])
  })
  results.push({ name: `unpack, ${name}`, value: unpacking, unit: 'rows/CPU s' })
  const decoder = new LineDecoder({ seriesId: () => 1, insert: () => {} })
  const decoding = await rate(samples.length, () => {
    for (const frame of frames) decoder.decode(frame.bytes, 0)
  })
  results.push({ name: `decode to rows, ${name}`, value: decoding, unit: 'rows/CPU s' })
}
print('encode', results)
