import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Probe } from '../../src/collect/probe.ts'
import { decodeSenderPacket, encodeReflectorPacket } from '../../src/collect/stamp/packet.ts'
import { createStampProbe } from '../../src/collect/stamp/stamp-probe.ts'
import type { Reading } from '../../src/model/reading.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics, type Metrics } from '../../src/platform/metrics.ts'
import { has } from '../support/requires.ts'

const program = fileURLToPath(new URL('../support/stamp-reflector.py', import.meta.url))

/** The other side, in Python: nothing of ours is in it. */
async function pythonReflector(...options: string[]) {
  const child = spawn('python3', [program, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  return {
    port: Number(line),
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

type StampReading = Extract<Reading, { probe: 'icmp' | 'stamp' }>

/** What sends, and by which words it refuses answers that are not awaited (any more), and those that repeat wrongly. */
const engines = [
  {
    engine: 'socket',
    says: /^own sender, IPv4 by udp sockets .*, IPv6 by udp/,
    late: 'unknown',
    wrong: 'unknown',
  },
  { engine: 'node', says: /^UDP sockets of Node, IPv4 and IPv6/, late: 'late', wrong: 'mismatch' },
] as const

describe.skipIf(!has('python3', 'perl')).each(engines)('the STAMP probe by $engine', (way) => {
  const { engine } = way
  let metrics: Metrics
  let probe: Probe
  const log = pino({ enabled: false })

  beforeEach(async () => {
    metrics = createMetrics()
    const settings = { count: 5, timeoutMs: 300, spacingMs: 20 }
    probe = await createStampProbe({ ...settings, engine }, { clock: systemClock, log, metrics })
    expect(probe.engine).toMatch(way.says)
  })
  afterEach(() => probe.close())

  async function measure(
    address: string,
    port: number,
    stateful = false,
    using = probe,
  ): Promise<StampReading> {
    const readings: Reading[] = []
    const target = { element: 'e1', address, icmp: false, stamp: { port, stateful }, speedOverrides: {} }
    await using.measure([target], (reading) => readings.push(reading), AbortSignal.timeout(5_000))
    const [reading] = readings
    if (readings.length !== 1 || reading?.probe !== 'stamp') throw new Error('expected one STAMP reading')
    return reading
  }
  const refusals = async () =>
    Object.fromEntries(
      (await metrics.packetsRefused.get()).values.map(({ labels, value }) => [labels.reason, value]),
    )

  it('measures against a reflector that shares no code with it', async () => {
    await using reflector = await pythonReflector('127.0.0.1')
    const reading = await measure('127.0.0.1', reflector.port)
    expect(reading).toMatchObject({ element: 'e1', probe: 'stamp', outcome: 'answered', burst: { sent: 5 } })
    const rtts = reading.burst?.rttsMs ?? []
    expect(rtts).toHaveLength(5)
    for (const rtt of rtts) expect(rtt).toBeGreaterThan(0)
    expect(reading.burst?.jitterForwardMs).toBeGreaterThanOrEqual(0)
    expect(reading.burst).not.toHaveProperty('lostForward')
    expect(await refusals()).toEqual({})
  })

  it.for([
    ['NTP', []],
    ['PTPv2', ['--ptp']],
  ] as const)('takes the dwell off the round trip, told in %s format', async ([, options]) => {
    await using reflector = await pythonReflector('127.0.0.1', '--dwell', '60', ...options)
    const settings = { count: 3, timeoutMs: 300, spacingMs: 100 }
    const patient = await createStampProbe({ ...settings, engine }, { clock: systemClock, log, metrics })
    const reading = await measure('127.0.0.1', reflector.port, false, patient)
    await patient.close()
    expect(reading.burst?.sent).toBe(3)
    // The quickest of three, since this machine may be busy; with its dwell it would be 60 at least.
    expect(Math.min(...(reading.burst?.rttsMs ?? []).map((rtt) => rtt ?? 999))).toBeLessThan(30)
  })

  it('tells loss on the way there from loss on the way back', async () => {
    const drops = ['--drop-forward', '1,6', '--drop-backward', '2,3']
    await using reflector = await pythonReflector('127.0.0.1', '--stateful', ...drops)
    const first = await measure('127.0.0.1', reflector.port, true)
    expect(first.burst?.rttsMs.map((rtt) => rtt !== null)).toEqual([true, false, false, false, true])
    expect(first.burst).toMatchObject({ lostForward: 1, lostBackward: 2 })
    const second = await measure('127.0.0.1', reflector.port, true)
    expect(second.burst).toMatchObject({ sent: 5, lostForward: 1, lostBackward: 0 })
  })

  it('tells it for the last packet of a burst too, by one more that is not counted', async () => {
    await using reflector = await pythonReflector('127.0.0.1', '--stateful', '--drop-backward', '4')
    const reading = await measure('127.0.0.1', reflector.port, true)
    expect(reading.burst).toMatchObject({ sent: 5, lostForward: 0, lostBackward: 1 })
  })

  it('drops and counts what does not belong to it', async () => {
    await using reflector = await pythonReflector('127.0.0.1', '--extra')
    const reading = await measure('127.0.0.1', reflector.port)
    expect(reading.burst?.rttsMs.every((rtt) => rtt !== null)).toBe(true)
    expect(await refusals()).toEqual({ malformed: 10, [way.late]: 5 })
  })

  it('asks over IPv6, however the address is spelt', async () => {
    await using reflector = await pythonReflector('::1')
    expect(await measure('0:0:0::0001', reflector.port)).toMatchObject({
      outcome: 'answered',
      burst: { sent: 5 },
    })
  })

  it('reports a silent target as timed out, with every packet lost', async () => {
    const silent = createSocket('udp4')
    silent.bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const reading = await measure('127.0.0.1', silent.address().port, true)
    silent.close()
    expect(reading).toMatchObject({
      outcome: 'timeout',
      burst: { sent: 5, rttsMs: [null, null, null, null, null] },
    })
  })

  it('does not call lost what this host could not send', async () => {
    // Broadcasting is not allowed on the socket, so the kernel answers EACCES.
    const reading = await measure('255.255.255.255', 862)
    expect(reading.outcome).toBe('notSent')
    expect(reading.problem).toMatch(/EACCES|permission denied/)
    expect(reading).not.toHaveProperty('burst')
  })

  it('takes no answer from another source, nor one that echoes another time stamp', async () => {
    const [asked, other] = [createSocket('udp4'), createSocket('udp4')]
    for (const socket of [asked, other]) {
      socket.bind(0, '127.0.0.1')
      await once(socket, 'listening')
    }
    asked.on('message', (bytes, from) => {
      const sender = decodeSenderPacket(bytes)
      if (sender === undefined) return
      const stamps = { sequence: 0, timestamp: 1n, receivedAt: 1n, errorEstimate: 1, senderTtl: 0 }
      other.send(encodeReflectorPacket({ ...stamps, sender }), from.port, from.address)
      const forged = { ...sender, timestamp: sender.timestamp + 1n }
      asked.send(encodeReflectorPacket({ ...stamps, sender: forged }), from.port, from.address)
    })
    const reading = await measure('127.0.0.1', asked.address().port)
    asked.close()
    other.close()
    expect(reading.outcome).toBe('timeout')
    // What repeats no packet of ours has no source to compare.
    expect(await refusals()).toEqual({ source: 5, [way.wrong]: 5 })
  })

  it('ends at once and tells nothing when it is aborted', async () => {
    const abort = new AbortController()
    const readings: Reading[] = []
    const target = { element: 'e1', address: '127.0.0.1', icmp: false, stamp: { port: 9, stateful: false } }
    const patient = await createStampProbe(
      { count: 5, timeoutMs: 50_000, spacingMs: 20, engine },
      { clock: systemClock, log, metrics },
    )
    const measuring = patient.measure(
      [{ ...target, speedOverrides: {} }],
      (r) => readings.push(r),
      abort.signal,
    )
    abort.abort()
    await measuring
    await patient.close()
    expect(readings).toEqual([])
  })

  it('keeps a thousand bursts apart and loses none of their answers', async () => {
    await using reflector = await pythonReflector('127.0.0.1')
    const targets = Array.from({ length: 1_000 }, (_, i) => ({
      element: `e${i}`,
      address: '127.0.0.1',
      icmp: false,
      stamp: { port: reflector.port, stateful: false },
      speedOverrides: {},
    }))
    const settings = { count: 5, timeoutMs: 5_000, spacingMs: 20 }
    const patient = await createStampProbe({ ...settings, engine }, { clock: systemClock, log, metrics })
    const seen = new Map<string, Reading>()
    await patient.measure(targets, (r) => seen.set(r.element, r), AbortSignal.timeout(20_000))
    await patient.close()
    expect(seen.size).toBe(1_000)
    for (const reading of seen.values()) {
      if (reading.probe !== 'stamp') throw new Error('expected STAMP readings')
      expect(reading.burst?.rttsMs.filter((rtt) => rtt !== null)).toHaveLength(5)
    }
  })
})
