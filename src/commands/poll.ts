import type { BurstWatch } from '../collect/burst-watch.ts'
import type { Probe } from '../collect/probe.ts'
import { packetLines } from '../collect/snmp/packet-text.ts'
import type { PacketWatch } from '../collect/snmp/transport/packet-watch.ts'
import type { Config } from '../config/schema.ts'
import { inventoryFrom } from '../inventory/inventory-from-config.ts'
import { rowsOf } from '../model/interface-table.ts'
import type { Reading } from '../model/reading.ts'
import type { Target } from '../model/target.ts'
import type { Clock } from '../platform/clock.ts'
import { createSampler } from '../sample/sampler.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { renderBurstPacket, renderPacket } from './render-packet.ts'
import { renderPoll } from './render-poll.ts'
import { exitCodes, type Terminal } from './terminal.ts'

export interface PollRequest {
  readonly config: string
  readonly element: string
  readonly json: boolean
  /** Polls twice, so many seconds apart: rates are differences of two readings. */
  readonly seconds?: number
  /** Tells each packet on the error output, and in the JSON. */
  readonly verbose?: boolean
}

/** Who sees the packets: of SNMP as they are on the wire, of bursts once their fate is known. */
interface Watches {
  readonly watch: PacketWatch
  readonly watchBurst: BurstWatch
}

export interface PollDeps extends ConfigDeps {
  readonly clock: Clock
  readonly openProbes: (
    target: Target,
    settings: Config['poll'],
    watches?: Watches,
  ) => Promise<readonly Probe[]>
}

/** `faultline poll`: asks one element now and shows what it said. Returns 0 only when every probe was answered. */
export async function poll(request: PollRequest, deps: PollDeps): Promise<number> {
  const { terminal, clock } = deps
  const config = await readConfig(request.config, deps)
  if (!config) return exitCodes.config
  const inventory = inventoryFrom(config)
  const target = inventory.targets.get(request.element)
  if (!target) {
    const known = inventory.elements.has(request.element)
    const name = JSON.stringify(request.element)
    terminal.error(
      known ? `element ${name} is not polled: it has no address or no probe` : `no element ${name}`,
    )
    return exitCodes.usage
  }
  const sampler = createSampler({ vantage: inventory.vantage, profiles: config.poll.profiles })
  const teller = request.verbose === true ? packetTeller(terminal, clock) : undefined
  const probes = await deps.openProbes(target, config.poll, teller?.watches)
  if (teller !== undefined) for (const { name, engine } of probes) terminal.error(`${name} by ${engine}`)
  try {
    let readings = await measure(target, probes)
    let samples = readings.flatMap((reading) => sampler.accept(reading, target))
    if (request.seconds !== undefined) {
      await clock.sleep(request.seconds * 1_000)
      readings = await measure(target, probes)
      samples = readings.flatMap((reading) => sampler.accept(reading, target))
    }
    if (request.json)
      terminal.out(
        JSON.stringify(
          { element: target.element, readings: readings.map(inRows), samples, packets: teller?.packets },
          exact,
          2,
        ),
      )
    else terminal.out(renderPoll(readings, samples))
    const unanswered = readings.some(({ probe, outcome }) => probe === 'snmp' && outcome !== 'answered')
    if (target.snmp && !unanswered && request.seconds === undefined && !request.json)
      terminal.error('Rates are differences of two polls: add --seconds 10.')
    return readings.every((reading) => reading.outcome === 'answered') ? exitCodes.ok : exitCodes.failed
  } finally {
    await Promise.all(probes.map((probe) => probe.close()))
  }
}

function packetTeller(terminal: Terminal, clock: Clock) {
  const startedAt = clock.now()
  const packets: unknown[] = []
  const watches: Watches = {
    watch(packet) {
      const { sent, address, port, bytes } = packet
      const afterMs = clock.now() - startedAt
      terminal.error(renderPacket(packet, afterMs))
      packets.push({
        probe: 'snmp',
        sent,
        address,
        port,
        afterMs,
        bytes: bytes.length,
        says: packetLines(bytes),
      })
    },
    watchBurst(packet) {
      terminal.error(renderBurstPacket(packet))
      packets.push(packet)
    },
  }
  return { watches, packets }
}

async function measure(target: Target, probes: readonly Probe[]): Promise<readonly Reading[]> {
  const readings: Reading[] = []
  const { signal } = new AbortController()
  await Promise.all(
    probes.map((probe) => probe.measure([target], (reading) => readings.push(reading), signal)),
  )
  return readings.toSorted((one, other) => (one.probe < other.probe ? -1 : 1))
}

/** A reading with its interfaces as a list, as people want it. */
const inRows = (reading: Reading) =>
  reading.probe === 'snmp' && reading.agent !== undefined
    ? { ...reading, agent: { ...reading.agent, interfaces: rowsOf(reading.agent.interfaces) } }
    : reading

/** Counters beyond 2^53 would lose digits as JSON numbers, so those become text; JSON has no maps. */
const exact = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries(value)
  if (typeof value !== 'bigint') return value
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
    ? Number(value)
    : value.toString()
}
