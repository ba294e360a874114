import { isIPv6 } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { OnLine } from './byte-lines.ts'
import {
  describePackets,
  type EchoEngine,
  type EchoResult,
  type EchoSettings,
  trafficClass,
} from './echo-engine.ts'
import {
  type FpingResult,
  FpingTotals,
  parseFpingPacket,
  parseFpingResult,
  parseFpingSendError,
} from './fping-output.ts'
import { openProgramLanes } from './program-lanes.ts'
import { type RunEnd, runProgram } from './run-program.ts'

export interface FpingDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** The program to run. */
  readonly program: string
}

/**
 * Pauses between packets to try, in ms. Builds with safe limits refuse less than 1 ms to those who are not root, older
 * ones less than 10 ms. Without a pause fping sends 60,000 packets a second: it is the cheapest way, and when the machine
 * is busy it loses a third of the answers in its own receive buffer.
 */
const pausesMs = [0.1, 1, 10]

/** What a packet takes at the least pause: a timer is not better than this. */
const packetMs = 0.2

/** Processes for one batch. Each hears the answers to all of them, so many would cost more than they bring. */
const maxShards = 4

/** Two batches overlap when elements are silent; one more for those that someone waits for, and one to spare. */
const lanesAtOnce = 4

const packetArgs = ({ dscp = 0, sizeBytes }: EchoSettings): readonly string[] => [
  ...(dscp === 0 ? [] : [`-O${trafficClass(dscp)}`]),
  ...(sizeBytes === undefined ? [] : [`-b${sizeBytes}`]),
]

const problemOf = (end: RunEnd): string =>
  end.kind === 'notStarted'
    ? end.error.message
    : end.kind === 'killed'
      ? 'fping did not finish in time and was killed'
      : 'fping gave no result for it'

/** Undefined when fping is missing, or not allowed to send. */
export async function findFping(settings: EchoSettings, deps: FpingDeps): Promise<EchoEngine | undefined> {
  const never = new AbortController().signal
  let version = ''
  await runProgram(deps.program, ['-v'], {
    input: '',
    onLine: (bytes, start, end) => {
      version = /Version (\S+)/.exec(bytes.toString('latin1', start, end))?.[1] ?? version
    },
    signal: never,
    limitMs: 2_000,
    clock: deps.clock,
  })
  for (const pauseMs of pausesMs) {
    let allowed = false
    const period = Math.max(settings.spacingMs, pauseMs)
    const args = ['-C1', '-q', `-p${period}`, `-i${pauseMs}`, '-t500', ...packetArgs(settings), '127.0.0.1']
    await runProgram(deps.program, args, {
      input: '',
      // Any result will do, even a lost packet: it was allowed to try.
      onLine: (bytes, start, end) => {
        allowed ||= parseFpingResult(bytes, start, end) !== undefined
      },
      signal: never,
      limitMs: 3_000,
      clock: deps.clock,
    })
    if (!allowed) continue
    const description = `fping ${version}, a packet every ${pauseMs} ms${describePackets(settings)}`
    return createFpingEngine(settings, pauseMs, description, deps)
  }
  return undefined
}

/**
 * ICMP echo by one fping for each batch and address family. That is the cheapest form which tells every round trip: one
 * process lives for some 5,000 packets, prints a line for each address at its end, and needs no restart when the
 * addresses change. (A process that lives for ever prints a line for each packet, which costs us more than the sending.)
 *
 * Its result lines do not tell a lost packet from one that could not be sent. The totals tell whether there was any of
 * the second kind; when that leaves doubt, the silent addresses are asked once more with a line for each packet.
 */
function createFpingEngine(
  settings: EchoSettings,
  pauseMs: number,
  description: string,
  { clock, log, metrics, program }: FpingDeps,
): EchoEngine {
  const { count, timeoutMs, spacingMs } = settings
  const lanes = openProgramLanes(lanesAtOnce)

  async function fping(packets: number, more: readonly string[], run: Run): Promise<RunEnd> {
    const { addresses, signal, onLine } = run
    const family = isIPv6(addresses[0] ?? '') ? '-6' : '-4'
    const args = [
      ...[family, `-C${packets}`, `-t${timeoutMs}`, `-p${spacingMs}`, `-i${pauseMs}`],
      ...packetArgs(settings),
      ...more,
    ]
    // What it should take, twice over for a busy machine, and two seconds.
    const roundMs = Math.max(spacingMs, addresses.length * Math.max(pauseMs, packetMs))
    const limitMs = 2 * (packets * roundMs + timeoutMs) + 2_000
    const input = `${addresses.join('\n')}\n`
    const end = await lanes.run(program, args, { input, onLine, signal, limitMs, clock })
    if (end.kind === 'exited' || end.kind === 'aborted') return end
    metrics.engineFailures.inc({ probe: 'icmp', reason: end.kind })
    const err = end.kind === 'notStarted' ? end.error : undefined
    log.warn({ err, reason: end.kind, targets: addresses.length, limitMs }, 'fping failed')
    return end
  }

  /** Which of these addresses this host can send to. */
  async function sendable(addresses: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const sent = new Set<string>()
    const onLine: OnLine = (bytes, start, end) => {
      const address = parseFpingPacket(bytes.toString('latin1', start, end))
      if (address !== undefined) sent.add(address)
    }
    await fping(1, [], { addresses, signal, onLine })
    return sent
  }

  async function burst(addresses: readonly string[], deliver: Deliver, signal: AbortSignal): Promise<void> {
    const missing = new Set(addresses)
    const silent: FpingResult[] = []
    const errors = new Map<string, string>()
    const totals = new FpingTotals()
    let lost = 0

    const onLine: OnLine = (bytes, start, end) => {
      const result = parseFpingResult(bytes, start, end)
      if (result === undefined) {
        const line = bytes.toString('utf8', start, end)
        const failed = totals.take(line) ? undefined : parseFpingSendError(line)
        if (failed !== undefined) errors.set(failed.address, failed.problem)
        return
      }
      if (!missing.delete(result.address)) return
      let answered = 0
      const rttsMs = result.rttsMs.map((rtt) => {
        if (rtt === null) lost++
        if (rtt === null || rtt > timeoutMs) return null
        answered++
        return rtt
      })
      if (answered === 0) silent.push({ address: result.address, rttsMs })
      else deliver(result.address, { kind: 'sent', rttsMs })
    }
    const all = { signal, onLine }
    let end = await fping(count, ['-q', '-s'], { ...all, addresses })
    // Once more: what killed it may have been meant for another. Twice would run into the next poll.
    if (end.kind === 'died' && missing.size > 0)
      end = await fping(count, ['-q', '-s'], { ...all, addresses: [...missing] })
    if (signal.aborted) return
    for (const address of missing) deliver(address, { kind: 'notSent', problem: problemOf(end) })

    const doubtful = silent.filter(({ address }) => !errors.has(address))
    const failedSends = totals.failedSends()
    const nothingWasSent = failedSends >= lost
    const sent =
      failedSends === 0
        ? new Set(doubtful.map(({ address }) => address))
        : nothingWasSent || doubtful.length === 0
          ? new Set<string>()
          : await sendable(
              doubtful.map(({ address }) => address),
              signal,
            )
    if (signal.aborted) return
    for (const { address, rttsMs } of silent) {
      const problem = errors.get(address) ?? 'this host could not send to it'
      deliver(address, sent.has(address) ? { kind: 'sent', rttsMs } : { kind: 'notSent', problem })
    }
  }

  /** So many that each can send to all of its addresses within the time between two packets to one of them. */
  function shards(addresses: readonly string[]): readonly (readonly string[])[] {
    const wanted = Math.ceil((addresses.length * Math.max(pauseMs, packetMs)) / spacingMs)
    const size = Math.max(1, Math.ceil(addresses.length / Math.min(maxShards, Math.max(1, wanted))))
    return Array.from({ length: Math.ceil(addresses.length / size) }, (_, i) =>
      addresses.slice(i * size, (i + 1) * size),
    )
  }

  return {
    description,
    async burst(addresses, deliver, signal) {
      // A process for each family, so that a host without IPv6 still measures IPv4.
      const families = [addresses.filter((address) => !isIPv6(address)), addresses.filter(isIPv6)]
      await Promise.all(families.flatMap(shards).map((shard) => burst(shard, deliver, signal)))
    },
    close: lanes.close,
  }
}

type Deliver = (address: string, result: EchoResult) => void

interface Run {
  readonly addresses: readonly string[]
  readonly signal: AbortSignal
  readonly onLine: OnLine
}
