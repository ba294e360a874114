import { createLocalPoller } from '../../src/collect/poller/local-poller.ts'
import type { PollerOutside } from '../../src/collect/poller/poll-service.ts'
import type { Poller } from '../../src/collect/poller/poller.ts'
import type { Probe } from '../../src/collect/probe.ts'
import type { AgentMemo } from '../../src/collect/snmp/agent-memory.ts'
import { tableOf } from '../../src/model/interface-table.ts'
import type { AgentReading, Reading } from '../../src/model/reading.ts'
import type { Target } from '../../src/model/target.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createSampler } from '../../src/sample/sampler.ts'

export interface FakePolling {
  readonly elements: readonly string[]
  readonly intervalMs: number
  readonly memos: ReadonlyMap<string, AgentMemo>
  /** The thread fails before it is ready. */
  readonly broken?: boolean
}

const interfaces = 3

/** Ten rows that count up; the ports stay the same object. */
function fakeAgents() {
  const ports = new Map<string, AgentReading['interfaces']['ports']>()
  let polls = 0
  return (element: string): AgentReading => {
    polls++
    const table = tableOf(
      Array.from({ length: interfaces }, (_, row) => ({
        port: {
          element,
          name: `ge${row}`,
          index: row + 1,
          description: '',
          alias: '',
          adminStatus: 'up',
          operStatus: 'up',
          speedBps: 1e9,
          seenAt: 0,
        },
        counters: { inOctets: BigInt(1_000 * polls), outOctets: BigInt(polls), width: 64 },
      })),
    )
    const known = ports.get(element) ?? table.ports
    ports.set(element, known)
    const system = { description: '', objectId: '1.3', name: element, location: '', upTimeTicks: 100 * polls }
    return { system, interfaces: { ...table, ports: known }, requests: 1 }
  }
}

/**
 * A poller whose elements do as their names say: `mute…` does not answer until the poll is aborted, `crash…` and
 * `exit…` end the thread that polls them, `deaf…` does not even obey an abort, `dying…` ends
 * the thread once others had the time to be polled. All others answer within 5 ms, and tell of a neighbour once they
 * were renewed.
 */
export async function fakePoller(
  { elements, intervalMs, broken = false }: FakePolling,
  { deliver, keep, metrics }: PollerOutside,
): Promise<Poller> {
  if (broken) throw new Error('no sockets here')
  const agentOf = fakeAgents()
  const told = (element: string): AgentReading =>
    renewed.has(element) ? { ...agentOf(element), neighbours } : agentOf(element)
  const poll = async (element: string, signal: AbortSignal): Promise<Reading> => {
    const at = systemClock.now()
    if (element.startsWith('crash'))
      setImmediate(() => {
        throw new Error('a defect')
      })
    if (element.startsWith('exit')) process.exit(3)
    if (element.startsWith('dying')) {
      await systemClock.sleep(3 * intervalMs, signal)
      process.exit(3)
    }
    if (element.startsWith('deaf')) await new Promise(() => {})
    await systemClock.sleep(element.startsWith('mute') ? 600_000 : 5, signal)
    const durationMs = systemClock.now() - at
    if (signal.aborted) return { element, probe: 'snmp', at, durationMs, outcome: 'timeout' }
    metrics.packetsRefused.inc({ protocol: 'snmp', reason: 'late' })
    keep(element, { maxRepetitions: 7 })
    return { element, probe: 'snmp', at, durationMs, outcome: 'answered', agent: told(element) }
  }
  const renewed = new Set<string>()
  const neighbours = [{ localPort: 'ge0', remoteSystem: 'next', remotePort: 'ge1' }]
  const probe: Probe = {
    name: 'snmp',
    batched: false,
    engine: 'fake',
    async measure(targets, tell, signal) {
      for (const { element } of targets) tell(await poll(element, signal))
    },
    renew: (element) => void renewed.add(element),
    close: async () => {},
  }
  const targets = new Map(
    elements.map((element): [string, Target] => [
      element,
      {
        element,
        address: '192.0.2.1',
        icmp: false,
        snmp: { version: '2c', community: 'lab', port: 161, acceptFrom: [] },
        speedOverrides: {},
      },
    ]),
  )
  return createLocalPoller({
    probes: [{ probe, intervalMs, deadlineMs: 600_000 }],
    targets,
    sampler: createSampler({ vantage: 'nms' }),
    deliver,
    clock: systemClock,
    log: createLogger('silent'),
    metrics,
  })
}
