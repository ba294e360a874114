import { isIPv6 } from 'node:net'
import ping from 'ping'
import { messageOf } from '../../platform/errors.ts'
import {
  describePackets,
  type EchoEngine,
  type EchoResult,
  type EchoSettings,
  trafficClass,
} from './echo-engine.ts'

/** Processes at a time: each costs 5 ms of CPU, and about 400 a second is all that there is to have. */
const maxProcesses = 20

/** What those who are not root may ask of every version of ping. */
const leastSpacingMs = 200

/** `64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.022 ms` */
const replyLine = /icmp_seq=(\d+).*\btime[=<]([\d.]+) ?ms/

/** Reads what ping printed. Numbers begin with 1 on Linux and 0 on macOS. */
export function parsePing(
  output: string,
  { count, timeoutMs }: EchoSettings,
  firstSequence = process.platform === 'darwin' ? 0 : 1,
): EchoResult {
  const rttsMs: (number | null)[] = Array.from({ length: count }, () => null)
  let transmitted = false
  let problem: string | undefined
  for (const line of output.split('\n')) {
    const [, sequence, time] = replyLine.exec(line) ?? []
    const index = Number(sequence) - firstSequence
    const rtt = Number(time)
    if (index >= 0 && index < count && rtt <= timeoutMs) rttsMs[index] ??= rtt
    transmitted ||= /[1-9]\d* packets transmitted/.test(line)
    if (/^ping6?: /.test(line)) problem ??= line.slice(0, 200)
  }
  // What ping says in its own name, it says about this host: no route, not permitted.
  if (rttsMs.every((rtt) => rtt === null) && (problem !== undefined || !transmitted))
    return { kind: 'notSent', problem: problem ?? 'ping sent nothing' }
  return { kind: 'sent', rttsMs }
}

async function pingOnce(address: string, settings: EchoSettings): Promise<EchoResult> {
  const { count, timeoutMs, spacingMs, dscp = 0, sizeBytes } = settings
  try {
    const { output } = await ping.promise.probe(address, {
      numeric: true,
      min_reply: count,
      timeout: Math.max(1, Math.ceil(timeoutMs / 1_000)),
      v6: isIPv6(address),
      // Seconds, with a point in any locale: the package runs ping under LANG=C.
      ...(sizeBytes === undefined ? {} : { packetSize: sizeBytes }),
      ...(process.platform === 'win32'
        ? {}
        : {
            extra: [
              ...['-i', String(Math.max(spacingMs, leastSpacingMs) / 1_000)],
              ...(dscp === 0
                ? []
                : [process.platform === 'darwin' ? '-z' : '-Q', String(trafficClass(dscp))]),
            ],
          }),
    })
    return parsePing(output, settings)
  } catch (error) {
    return { kind: 'notSent', problem: messageOf(error) }
  }
}

/** Undefined when there is no ping here, or it may not send. */
export async function findPing(settings: EchoSettings): Promise<EchoEngine | undefined> {
  const trial = await pingOnce('127.0.0.1', { ...settings, count: 1, timeoutMs: 1_000 })
  return trial.kind === 'notSent' ? undefined : createPingEngine(settings)
}

/** ICMP echo by the `ping` package: a process for each address, so for small networks and machines without fping. */
function createPingEngine(settings: EchoSettings): EchoEngine {
  return {
    description: `the ping program, at most ${maxProcesses} at a time${describePackets(settings)}`,
    async burst(addresses, deliver, signal) {
      const waiting = addresses.values()
      const work = async () => {
        for (const address of waiting) {
          if (signal.aborted) return
          const result = await pingOnce(address, settings)
          if (!signal.aborted) deliver(address, result)
        }
      }
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
      // The package offers no way to stop its process; it ends by itself within count × spacing + time-out.
      await Promise.race([Promise.all(Array.from({ length: maxProcesses }, work)), aborted])
    },
    async close() {},
  }
}
