// STAMP: 10,000 reflectors on loopback, five packets each in ten seconds. Options: --targets; --delay (ms on the way);
// --engine=socket or node (else the best that may run here); --json, --json=FILE.
import { setTimeout } from 'node:timers/promises'
import { createStampProbe, stampEngines } from '../src/collect/stamp/stamp-probe.ts'
import type { Reading } from '../src/model/reading.ts'
import { exchanges, hasTcpdump, ipv4, rttErrors, startCapture } from './capture.ts'
import { probeDeps, since, startEngine } from './engine.ts'
import { numberOption, percentile, printSections, type Section } from './figures.ts'
import { startIdleNeighbour } from './idle-neighbour.ts'
import { ownCpu, programsCpu, receiveBufferErrors } from './process-cost.ts'
import { addressOf, startResponder } from './responder.ts'
import { startSnmpLoad } from './snmp-load.ts'
import { stampTargets } from './traffic.ts'

const args = process.argv.slice(2)
const targets = numberOption(args, 'targets', 10_000)
const delayMs = numberOption(args, 'delay', 20)
const intervalMs = 10_000
const engineWanted = args.find((arg) => arg.startsWith('--engine='))?.slice('--engine='.length)
const settings = {
  count: 5,
  timeoutMs: 1_000,
  spacingMs: 200,
  engine: stampEngines.find((name) => name === engineWanted) ?? 'auto',
} as const

async function run(): Promise<readonly Section[]> {
  const responder = await startResponder({ kind: 'stamp' }, { delayMs, deadPercent: 0 })
  const { port } = responder.at(0)
  const readings: Reading[] = []
  const probe = await createStampProbe(settings, probeDeps())
  const engine = startEngine(probe, intervalMs, stampTargets(targets, responder), (reading) =>
    readings.push(reading),
  )
  engine.scheduler.start()
  await setTimeout(intervalMs)
  const before = {
    cpu: ownCpu() + programsCpu(),
    own: ownCpu(),
    counts: engine.counts(),
    errors: receiveBufferErrors(),
  }
  await setTimeout(intervalMs)
  const cpu = ownCpu() + programsCpu() - before.cpu
  const own = ownCpu() - before.own
  const counts = since(before.counts, engine.counts())
  const overflows = receiveBufferErrors() - before.errors
  const packets = counts.answered * settings.count
  const cost: Section = {
    title: `STAMP: ${targets} reflectors, five packets in ten seconds`,
    figures: [
      { name: 'CPU for 1,000 packets, the sender and we', value: (cpu / packets) * 1_000, unit: 's' },
      { name: 'of which our own process', value: (own / packets) * 1_000, unit: 's' },
      { name: 'share of a core', value: (cpu / (intervalMs / 1_000)) * 100, unit: '%' },
      { name: 'bursts answered', value: counts.answered, unit: `of ${targets}` },
      { name: 'late polls', value: counts.late, unit: '', goal: { atMost: 0 } },
      { name: 'packets lost to our buffers', value: overflows, unit: '', goal: { atMost: 0 } },
    ],
    notes: [probe.engine, responder.description],
  }
  if (!hasTcpdump()) return [cost]

  const stopSnmp = await startSnmpLoad()
  const stopNeighbour = startIdleNeighbour()
  const stopCapture = await startCapture(`udp port ${port}`)
  const from = readings.length
  await setTimeout(intervalMs)
  const polls = await stopSnmp()
  await engine.stop()
  const late = await stopNeighbour()
  const captured = exchanges(await stopCapture(), (packet) => {
    const isRequest = packet.readUInt16BE(22) === port
    // The sender's number: its own place in a request, and where the reflector copies it in an answer.
    const number = packet.readUInt32BE(28 + (isRequest ? 0 : 24))
    return { element: ipv4(packet, isRequest ? 16 : 12), key: String(number), isRequest }
  })
  await responder.close()
  const errors = readings.slice(from).flatMap((reading) => {
    if (reading.probe === 'snmp' || reading.burst === undefined) return []
    const { at, durationMs, burst } = reading
    const address = addressOf(Number(reading.element.slice(1)))
    return rttErrors({ from: at, until: at + durationMs, rttsMs: burst.rttsMs }, captured.get(address))
  })
  return [
    cost,
    {
      title: 'STAMP: round trips against a packet capture, while SNMP polls at full rate',
      figures: [
        { name: 'error of the round trip, p50', value: percentile(errors, 50), unit: 'ms' },
        {
          name: 'error of the round trip, p99',
          value: percentile(errors, 99),
          unit: 'ms',
          goal: { atMost: 0.5 },
        },
        { name: 'error of the round trip, largest', value: percentile(errors, 100), unit: 'ms' },
        { name: 'packets compared', value: errors.length, unit: '' },
        { name: 'an idle process beside it wakes late by, p99', value: late, unit: 'ms' },
        ...polls,
      ],
    },
  ]
}

printSections('stamp', await run(), args)
