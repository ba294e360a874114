import { isIPv6 } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { EchoEngine, EchoResult, EchoSettings } from './echo-engine.ts'
import {
  type FpingResult,
  FpingTotals,
  parseFpingPacket,
  parseFpingResult,
  parseFpingSendError,
} from './fping-output.ts'
import { type RunEnd, runProgram } from './run-program.ts'

export interface FpingDeps {
  readonly clock: Clock
  readonly log: Logger
  /** The program to run. */
  readonly program: string
}

/**
 * Pauses between packets to try, in ms. fping keeps to about 0.16 ms at 0.1; builds with safe limits refuse less than
 * 1 ms to those who are not root, older ones less than 10 ms.
 */
const pausesMs = [0.1, 1, 10]

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
    onLine: (line) => {
      version = /Version (\S+)/.exec(line)?.[1] ?? version
    },
    signal: never,
    limitMs: 2_000,
  })
  for (const pauseMs of pausesMs) {
    let allowed = false
    const period = Math.max(settings.spacingMs, pauseMs)
    await runProgram(deps.program, ['-C1', '-q', `-p${period}`, `-i${pauseMs}`, '-t500', '127.0.0.1'], {
      input: '',
      // Any result will do, even a lost packet: it was allowed to try.
      onLine: (line) => {
        allowed ||= parseFpingResult(line) !== undefined
      },
      signal: never,
      limitMs: 3_000,
    })
    if (allowed)
      return createFpingEngine(settings, pauseMs, `fping ${version}, a packet every ${pauseMs} ms`, deps)
  }
  return undefined
}

/**
 * ICMP echo by one fping for each batch and address family. Its result lines do not tell a lost packet from one that
 * could not be sent. The totals tell whether there was any of the second kind; when that leaves doubt, the silent
 * addresses are asked once more with a line for each packet.
 */
function createFpingEngine(
  settings: EchoSettings,
  pauseMs: number,
  description: string,
  { clock, log, program }: FpingDeps,
): EchoEngine {
  const { count, timeoutMs, spacingMs } = settings

  async function fping(packets: number, more: readonly string[], run: Run): Promise<RunEnd> {
    const { addresses, signal, onLine } = run
    const family = isIPv6(addresses[0] ?? '') ? '-6' : '-4'
    const args = [family, `-C${packets}`, `-t${timeoutMs}`, `-p${spacingMs}`, `-i${pauseMs}`, ...more]
    // What it should take, twice over for a busy machine, and two seconds.
    const roundMs = Math.max(spacingMs, addresses.length * Math.max(pauseMs, 0.2))
    const limitMs = 2 * (packets * roundMs + timeoutMs) + 2_000
    const input = `${addresses.join('\n')}\n`
    const end = await runProgram(program, args, { input, onLine, signal, limitMs, clock })
    if (end.kind === 'killed')
      log.warn({ targets: addresses.length, limitMs }, 'fping overran and was killed')
    if (end.kind === 'notStarted') log.error({ err: end.error }, 'fping could not be started')
    return end
  }

  /** Which of these addresses this host can send to. */
  async function sendable(addresses: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const sent = new Set<string>()
    const onLine = (line: string) => {
      const address = parseFpingPacket(line)
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

    const onLine = (line: string) => {
      if (totals.take(line)) return
      const failed = parseFpingSendError(line)
      if (failed !== undefined) errors.set(failed.address, failed.problem)
      const result = parseFpingResult(line)
      if (result === undefined || !missing.delete(result.address)) return
      const rttsMs = result.rttsMs.map((rtt) => (rtt !== null && rtt > timeoutMs ? null : rtt))
      lost += result.rttsMs.filter((rtt) => rtt === null).length
      if (rttsMs.every((rtt) => rtt === null)) silent.push({ address: result.address, rttsMs })
      else deliver(result.address, { kind: 'sent', rttsMs })
    }
    const end = await fping(count, ['-q', '-s'], { addresses, signal, onLine })
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

  return {
    description,
    async burst(addresses, deliver, signal) {
      const families = [addresses.filter((address) => !isIPv6(address)), addresses.filter(isIPv6)]
      // One process each, so that a host without IPv6 still measures IPv4.
      await Promise.all(
        families.filter((family) => family.length > 0).map((family) => burst(family, deliver, signal)),
      )
    },
  }
}

type Deliver = (address: string, result: EchoResult) => void

interface Run {
  readonly addresses: readonly string[]
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
}
