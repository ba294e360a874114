import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeReflectorPacket, encodeSenderPacket } from '../../src/collect/stamp/packet.ts'
import { type StampReflector, startReflector } from '../../src/collect/stamp/reflector.ts'
import { createStampProbe } from '../../src/collect/stamp/stamp-probe.ts'
import type { Reading } from '../../src/model/reading.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics, type Metrics } from '../../src/platform/metrics.ts'
import { ntpElapsedMs } from '../support/ntp-elapsed.ts'

const log = pino({ enabled: false })

describe('the STAMP reflector', () => {
  let metrics: Metrics
  let reflector: StampReflector
  const sockets: Socket[] = []

  beforeEach(async () => {
    metrics = createMetrics()
    reflector = await startReflector({ address: '127.0.0.1', port: 0, stateful: true, log, metrics })
  })
  afterEach(async () => {
    await reflector.close()
    for (const socket of sockets.splice(0)) socket.close()
  })

  async function sender() {
    const socket = createSocket('udp4')
    sockets.push(socket)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return {
      tell: (bytes: Buffer) => socket.send(bytes, reflector.port, '127.0.0.1'),
      async ask(sequence: number) {
        const question = { sequence, timestamp: 0xed4e7080_80000000n, errorEstimate: 0x1601 }
        socket.send(encodeSenderPacket(question), reflector.port, '127.0.0.1')
        const [bytes] = await once(socket, 'message')
        const answer = decodeReflectorPacket(bytes)
        expect(bytes).toHaveLength(44)
        expect(answer?.sender).toEqual(question)
        if (answer === undefined) throw new Error('malformed answer')
        return answer
      },
    }
  }
  const refused = async () =>
    Object.fromEntries(
      (await metrics.packetsRefused.get()).values.map(({ labels, value }) => [labels.reason, value]),
    )

  async function measure(count = 5, using = reflector) {
    const settings = { count, timeoutMs: 400, spacingMs: 10 }
    const probe = await createStampProbe(settings, { clock: systemClock, log, metrics })
    const readings: Reading[] = []
    const stamp = { port: using.port, stateful: true }
    const target = { element: 'e1', address: '127.0.0.1', icmp: false, stamp, speedOverrides: {} }
    await probe.measure([target], (reading) => readings.push(reading), AbortSignal.timeout(5_000))
    await probe.close()
    const [reading] = readings
    if (reading?.probe !== 'stamp') throw new Error('expected a STAMP reading')
    return reading
  }

  it('numbers the packets of each sender by itself', async () => {
    const [one, two] = [await sender(), await sender()]
    expect((await one.ask(70)).sequence).toBe(0)
    expect((await one.ask(75)).sequence).toBe(1)
    expect((await two.ask(76)).sequence).toBe(0)
    expect((await one.ask(76)).sequence).toBe(2)
  })

  it('copies the number of the sender when it is stateless', async () => {
    await reflector.close()
    reflector = await startReflector({ address: '127.0.0.1', port: 0, stateful: false, log })
    expect((await (await sender()).ask(70)).sequence).toBe(70)
  })

  it('goes on after malformed packets and packets that are answers already', async () => {
    const one = await sender()
    const answer = Buffer.alloc(44)
    answer.writeBigUInt64BE(1n, 28)
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(43), answer]) one.tell(bytes)
    expect((await one.ask(1)).sequence).toBe(0)
    expect(await refused()).toEqual({ malformed: 2, loop: 1 })
  })

  it.for([['delayForwardMs'], ['delayBackwardMs']] as const)(
    'adds an injected %s to the round trip, outside its own time stamps',
    async ([way]) => {
      reflector.inject({ [way]: 80 })
      const { burst } = await measure()
      for (const rtt of burst?.rttsMs ?? []) expect(rtt).toBeGreaterThan(78)
      const answer = await (await sender()).ask(1)
      expect(ntpElapsedMs(answer.receivedAt, answer.timestamp)).toBeLessThan(40)
    },
  )

  it('is good again after an empty injection', async () => {
    reflector.inject({ lossForward: 1 })
    expect((await measure(2)).outcome).toBe('timeout')
    reflector.inject({})
    expect(await measure(2)).toMatchObject({ outcome: 'answered', burst: { lostForward: 0 } })
  })

  it.for([
    // Two numbers a packet that gets through: one decides about each way. The last packet of all is the closing one.
    ['forward', { lossForward: 0.5 }, [0.9, 0.9, 0.1, 0.9, 0.9], { lostForward: 1, lostBackward: 0 }],
    ['backward', { lossBackward: 0.5 }, [0.9, 0.9, 0.9, 0.1, 0.9, 0.9], { lostForward: 0, lostBackward: 1 }],
  ] as const)(
    'loses packets on the way %s, and the sender can tell',
    async ([, injection, numbers, lost]) => {
      const rest = [...numbers]
      const random = () => rest.shift() ?? 0.9
      const lossy = await startReflector({ address: '127.0.0.1', port: 0, stateful: true, log, random })
      lossy.inject(injection)
      const { burst } = await measure(3, lossy)
      await lossy.close()
      expect(burst?.rttsMs.map((rtt) => rtt !== null)).toEqual([true, false, true])
      expect(burst).toMatchObject(lost)
    },
  )

  it('closes at once although it holds packets', async () => {
    reflector.inject({ delayForwardMs: 60_000 })
    const one = await sender()
    one.tell(encodeSenderPacket({ sequence: 1, timestamp: 1n, errorEstimate: 1 }))
    await reflector.close()
    await reflector.close()
  })

  it('says so when its address cannot be had', async () => {
    const { port } = reflector
    await expect(startReflector({ address: '127.0.0.1', port, stateful: true, log })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
    })
  })
})
