import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEchoes } from '../../../src/collect/icmp/socket-engine.ts'
import { createRecordSplitter, parseFirstLine } from '../../../src/collect/sender/sender-records.ts'

const words = (...numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(numbers.length * 4)
  numbers.forEach((number, i) => {
    bytes.writeUInt32LE(number, i * 4)
  })
  return bytes
}
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })

describe('the first line of the icmp sender', () => {
  it('tells its sockets', () => {
    expect(parseFirstLine('ready v4=ping buffer4=425984 v6=raw buffer6=8388608')).toEqual({
      sockets: [
        { family: 4, kind: 'ping', bufferBytes: 425_984 },
        { family: 6, kind: 'raw', bufferBytes: 8_388_608 },
      ],
    })
    expect(parseFirstLine('ready v6=ping buffer6=1')).toEqual({
      sockets: [{ family: 6, kind: 'ping', bufferBytes: 1 }],
    })
  })

  it.for([
    ['failed IPv4 ping socket: Permission denied', 'IPv4 ping socket: Permission denied'],
    ['', 'it said nothing'],
    ['x'.repeat(1_000), 'x'.repeat(300)],
  ] as const)('says why there is none: %s', ([line, why]) => {
    expect(parseFirstLine(line)).toBe(why)
  })
})

describe('the records of the icmp sender', () => {
  it('are the same in whatever pieces they come', () => {
    const together = 8
    const nobody = 0xffff_ffff
    // The job, up to eight places, what became of each packet to each of them, and a word more of each packet.
    const burst = fc.integer({ min: 1, max: 6 }).chain((count) => {
      const words = fc.array(uint32, { minLength: count * together, maxLength: count * together })
      const places = fc.array(fc.nat({ max: 9_999 }), { minLength: 1, maxLength: together })
      const record = fc.record({ job: uint32, places, fates: words, more: words })
      return fc.record({
        count: fc.constant(count),
        hasMore: fc.boolean(),
        records: fc.array(record, { maxLength: 20 }),
        cuts: fc.array(fc.nat({ max: 3_000 }), { maxLength: 20 }),
      })
    })
    fc.assert(
      fc.property(burst, ({ count, hasMore, records, cuts }) => {
        const bytes = words(
          ...records.flatMap(({ job, places, fates, more }) => [
            job,
            ...Array.from({ length: together }, (_, i) => places[i] ?? nobody),
            ...fates,
            ...(hasMore ? more : []),
          ]),
        )
        const seen: number[][] = []
        const wordsEach = hasMore ? 2 : 1
        const split = createRecordSplitter(count, 4 * wordsEach, (job, place, chunk, at) => {
          const told = Array.from({ length: count * wordsEach }, (_, i) => chunk.readUInt32LE(at + i * 4))
          seen.push([job, place, ...told])
        })
        let from = 0
        for (const cut of [...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]) {
          split(bytes.subarray(from, cut))
          from = cut
        }
        const expected = records.flatMap(({ job, places, fates, more }) =>
          places.map((place, i) => {
            const packets = Array.from({ length: count }, (_, packet) => packet * together + i)
            return [job, place, ...packets.flatMap((at) => (hasMore ? [fates[at], more[at]] : [fates[at]]))]
          }),
        )
        expect(seen).toEqual(expected)
      }),
    )
  })

  const lost = 0xffff_ffff
  const unknown = 0xffff_fffe
  const networkUnreachable = 0xffff_0000 + 101

  it.for([
    [
      'a round trip in units of 100 ns',
      [12_345, 0, 10_000_000],
      { kind: 'sent', rttsMs: [1.2345, 0, 1_000] },
    ],
    ['a lost packet', [5_000, lost], { kind: 'sent', rttsMs: [0.5, null] }],
    ['a silent element', [lost, lost], { kind: 'sent', rttsMs: [null, null] }],
    [
      'a packet that was not sent: it is not lost',
      [networkUnreachable, 5_000, lost],
      { kind: 'sent', rttsMs: [0.5, null] },
    ],
    ['an answer that had no room: it is not lost', [unknown, 5_000], { kind: 'sent', rttsMs: [0.5] }],
    [
      'an address that cannot be sent to',
      [networkUnreachable, networkUnreachable],
      { kind: 'notSent', problem: 'network is unreachable' },
    ],
    [
      'a host without room',
      [unknown, unknown],
      { kind: 'notSent', problem: 'this host had no room for the answers' },
    ],
  ] as const)('tell %s', ([, fates, result]) => {
    const bytes = Buffer.concat([words(1, 2), words(...fates)])
    expect(readEchoes(bytes, 8, fates.length)).toEqual(result)
  })

  it('never make a packet lost that was not told lost', () => {
    fc.assert(
      fc.property(fc.array(uint32, { minLength: 1, maxLength: 20 }), (fates) => {
        const result = readEchoes(words(...fates), 0, fates.length)
        const losses = result.kind === 'sent' ? result.rttsMs.filter((rtt) => rtt === null).length : 0
        expect(losses).toBe(fates.filter((fate) => fate === lost).length)
        for (const rtt of result.kind === 'sent' ? result.rttsMs : [])
          if (rtt !== null) expect(rtt).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
