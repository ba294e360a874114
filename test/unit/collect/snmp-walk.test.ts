import { getEventListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeOid, oidRange, withArc } from '../../../src/collect/snmp/codec/oid.ts'
import { SignalWatch } from '../../../src/collect/snmp/signal-watch.ts'
import { Outgoing } from '../../../src/collect/snmp/transport/outgoing.ts'
import { createPasswordKeys } from '../../../src/collect/snmp/usm/password-keys.ts'
import { WalkSteps } from '../../../src/collect/snmp/walk-steps.ts'
import { interfaces, system } from '../../support/snmp-mib.ts'
import { rowsIn, startSnmpProbe } from '../../support/snmp-poll.ts'
import {
  answerFrom,
  response,
  type SnmpRequest,
  startSnmpResponder,
  unsigned,
} from '../../support/snmp-responder.ts'

const v2c = { version: '2c', community: 'test' } as const
const ports = (count: number, base = 0) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [base + i + 1, { name: `p${i}`, octets: 2n ** 40n + BigInt(i) }]),
  )
const mibOf = (count: number, base = 0) => ({ ...system('box'), ...interfaces(ports(count, base)) })

describe('an agent that answers each GETBULK with one value', () => {
  it('is read to the end', async () => {
    const mib = mibOf(5)
    const honest = answerFrom(mib)
    const first = (request: SnmpRequest) =>
      honest(request.type === 0xa5 ? { ...request, type: 0xa1, oids: request.oids.slice(0, 1) } : request)
    await using agent = await startSnmpResponder(first)
    await using probe = await startSnmpProbe()
    for (let poll = 0; poll < 2; poll++) {
      const rows = rowsIn(await probe.poll(agent, v2c))
      expect(rows.map(({ port, counters }) => [port.name, counters.inOctets])).toEqual(
        Array.from({ length: 5 }, (_, i) => [`p${i}`, 2n ** 40n + BigInt(i)]),
      )
    }
  })
})

describe('an agent with large indexes', () => {
  it.for([0, 126, 16_382, 2 ** 31, 2 ** 32 - 4])('is read over the edge of %i, every time', async (base) => {
    const honest = answerFrom(mibOf(3, base))
    // Two rows at a time: the second request begins behind an index.
    await using agent = await startSnmpResponder((request) =>
      honest({ ...request, repetitions: Math.min(2, request.repetitions) }),
    )
    await using probe = await startSnmpProbe()
    for (let poll = 0; poll < 3; poll++)
      expect(rowsIn(await probe.poll(agent, v2c)).map(({ port }) => port.index)).toEqual(
        [1, 2, 3].map((row) => base + row),
      )
  })
})

describe('counters of 64 bits in the columns of 32', () => {
  const ifEntry = '1.3.6.1.2.1.2.2.1'
  const octets = 979_579_618_818_531n

  it('are exact', async () => {
    const mib: Record<string, Buffer> = { ...mibOf(1) }
    for (const name of Object.keys(mib)) if (name.startsWith('1.3.6.1.2.1.31.')) delete mib[name]
    for (const column of [10, 11, 12, 16, 17, 18]) mib[`${ifEntry}.${column}.1`] = unsigned(0x46, octets)
    await using agent = await startSnmpResponder(answerFrom(mib))
    await using probe = await startSnmpProbe()
    const [row] = rowsIn(await probe.poll(agent, v2c))
    expect(row?.counters).toMatchObject({ width: 64, inOctets: octets, outOctets: octets })
  })

  it('count as 32 where some of the row are of that width', async () => {
    const mib: Record<string, Buffer> = { ...mibOf(1) }
    for (const name of Object.keys(mib)) if (name.startsWith('1.3.6.1.2.1.31.')) delete mib[name]
    mib[`${ifEntry}.10.1`] = unsigned(0x46, octets)
    mib[`${ifEntry}.16.1`] = Buffer.from([0x41, 1, 5])
    await using agent = await startSnmpResponder(answerFrom(mib))
    await using probe = await startSnmpProbe()
    const [row] = rowsIn(await probe.poll(agent, v2c))
    expect(row?.counters).toMatchObject({ width: 32, inOctets: octets % 2n ** 32n, outOctets: 5n })
  })
})

describe('late answers', () => {
  it('by the hundred thousand are counted, held by nobody, and hold up nothing', {
    timeout: 60_000,
  }, async () => {
    const honest = answerFrom(mibOf(2))
    const late: Buffer[] = []
    await using agent = await startSnmpResponder((request) => {
      const answer = honest(request)
      late.push(answer, response({ ...request, id: 0x0100_0000 }, []))
      if (late.length > 200) late.splice(0, late.length - 200)
      // The true one is in the midst of them.
      return [...late.slice(0, 100), answer, ...late.slice(100)]
    })
    await using probe = await startSnmpProbe()
    const counted = async () => (await probe.refused()).late ?? 0
    let before = 0
    // Some of them the system may drop.
    for (let poll = 0; poll < 5_000 && (await counted()) < 100_000; poll++) {
      expect((await probe.poll(agent, v2c)).outcome).toBe('answered')
      if (poll === 20) before = heapBytes()
    }
    expect(Object.keys(await probe.refused())).toEqual(['late'])
    expect(await counted()).toBeGreaterThanOrEqual(100_000)
    // Less than 80 bytes for each; what this test keeps of its requests is in it.
    expect(heapBytes() - before).toBeLessThan(100_000 * 80)
  })
})

/** What is in use once all is collected that can be. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('one signal for many polls', () => {
  it('has one listener, ends them all, and is left alone afterwards', () => {
    const ending = new AbortController()
    const { signal } = ending
    const watch = new SignalWatch()
    const ended: number[] = []
    const ends = Array.from({ length: 100 }, (_, n) => () => void ended.push(n))
    for (const end of ends) watch.add(signal, end)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    for (const end of ends.slice(0, 98)) watch.delete(signal, end)
    ending.abort()
    expect(ended).toEqual([98, 99])
    for (const end of ends.slice(98)) watch.delete(signal, end)

    const other = new AbortController()
    watch.add(other.signal, () => {})
    const own = () => {}
    watch.add(other.signal, own)
    watch.delete(other.signal, own)
    expect(getEventListeners(other.signal, 'abort')).toHaveLength(1)
  })
})

describe('the requests of a walk', () => {
  const columns = ['1.3.6.1.2.1.2.2.1.8', '1.3.6.1.2.1.31.1.1.1.6'].map(oidRange)
  const scalars = [oidRange('1.3.6.1.2.1.1.3')]

  it('are the same object for the same step, and no two steps are the same', () => {
    const steps = new WalkSteps(columns)
    const seen = new Set(
      [-1, 0, 1, 255, 256].flatMap((level) => [1, 2, 64].map((rows) => steps.pdu(level, rows, []))),
    )
    expect(seen.size).toBe(15)
    expect(steps.pdu(256, 2, [])).toBe(steps.pdu(256, 2, []))
    expect(steps.pdu(7, 25, [])).toMatchObject({ maxRepetitions: 25, nonRepeaters: 0 })
    expect(new WalkSteps(columns).pdu(-1, 25, scalars)).toMatchObject({
      nonRepeaters: 1,
      names: [...scalars, ...columns],
    })
  })

  it('are kept up to a limit, whatever indexes there are', () => {
    const steps = new WalkSteps(columns)
    const kept = Array.from({ length: 5_000 }, (_, level) => steps.pdu(level, 1, [])).filter(
      ({ keep }) => keep,
    )
    expect(kept).toHaveLength(1_024)
    expect(steps.pdu(4_999, 1, []).names).toEqual(columns.map((column) => withArc(column, 4_999)))
  })

  it('begin behind an index, coded as in any OID', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (index) => {
        const { bytes, start, end } = withArc(oidRange('1.3.6.1.2.1.2.2.1.8'), index)
        expect(bytes.subarray(start, end)).toEqual(encodeOid(`1.3.6.1.2.1.2.2.1.8.${index}`))
      }),
    )
  })
})

describe('what is being sent', () => {
  const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)

  it('is the same view for each message of a length', () => {
    const outgoing = new Outgoing()
    const one = outgoing.of(bytes(300, 1))
    expect(one).toEqual(Buffer.alloc(300, 1))
    expect(outgoing.of(bytes(300, 2))).toBe(one)
    expect(one).toEqual(Buffer.alloc(300, 2))
    expect(outgoing.of(bytes(5_000, 3))).toEqual(Buffer.alloc(5_000, 3))
  })

  it('stays as it is while the system has not taken it', () => {
    const outgoing = new Outgoing()
    const waiting = outgoing.of(bytes(300, 1))
    outgoing.leave()
    expect(outgoing.of(bytes(300, 2))).toEqual(Buffer.alloc(300, 2))
    expect(waiting).toEqual(Buffer.alloc(300, 1))
  })
})

describe('pass phrases, many at once', () => {
  it('are made one after the other, so that no turn hashes for more than one', async () => {
    const keys = createPasswordKeys()
    const names = Array.from({ length: 12 }, (_, n) => `pass phrase ${n}`)
    let done = 0
    const all = Promise.all(names.map((name) => keys.key('md5', name).then(() => done++)))
    let turns = 0
    for (let before = 0; done < names.length; before = done, turns++) {
      expect(done - before).toBeLessThanOrEqual(1)
      await nextTurn()
    }
    await all
    expect(turns).toBeGreaterThanOrEqual(8 * names.length)
  })
})
