import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import {
  startTrapReceiver,
  type TrapReceiver,
  type TrapReceiverDeps,
  type TrapReceiverSettings,
} from '../../src/collect/traps/trap-receiver.ts'
import type { Trap } from '../../src/model/trap.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { eventually } from './eventually.ts'

const run = promisify(execFile)

export const ownEngineId = Buffer.from('80000000056661756c746c696e65', 'hex')

/** A trap receiver of a test on loopback, with what it delivered, logged and counted. */
export interface TrapPost extends AsyncDisposable {
  readonly receiver: TrapReceiver
  readonly port: number
  readonly traps: readonly Trap[]
  readonly lines: readonly string[]
  /** By `outcome`. */
  counts(): Promise<Readonly<Record<string, number>>>
  /** Waits for a trap that fits. */
  trap(fits: (trap: Trap) => boolean): Promise<Trap>
  /** Sends by Net-SNMP's own tool; resolves with what it said. An inform that is not acknowledged rejects. */
  send(tool: 'snmptrap' | 'snmpinform', ...args: readonly string[]): Promise<string>
}

/** Elements by address; `box` has 127.0.0.1. */
const usual = { '127.0.0.1': 'box' }

export async function startTrapPost(
  settings: Partial<TrapReceiverSettings> & {
    readonly elements?: Readonly<Record<string, string>>
    readonly engineOf?: TrapReceiverDeps['engineOf']
  } = {},
  clock: Clock = systemClock,
): Promise<TrapPost> {
  const { elements = usual, engineOf, ...rest } = settings
  const traps: Trap[] = []
  const lines: string[] = []
  const metrics = createMetrics()
  const byAddress = new Map(Object.entries(elements))
  const home = await mkdtemp(join(tmpdir(), 'faultline-traps-'))
  const receiver = await startTrapReceiver(
    { host: '127.0.0.1', port: 0, communities: ['lab-public'], users: [], engineId: ownEngineId, ...rest },
    {
      elementAt: (address) => byAddress.get(address),
      ...(engineOf ? { engineOf } : {}),
      deliver: (trap) => traps.push(trap),
      clock,
      metrics,
      log: pino({ level: 'debug', base: null }, { write: (line) => lines.push(line) }),
    },
  )
  const { port, host } = receiver.status()
  return {
    receiver,
    port,
    traps,
    lines,
    async counts() {
      const sums: Record<string, number> = {}
      for (const { labels, value } of (await metrics.traps.get()).values)
        sums[`${labels.outcome}`] = (sums[`${labels.outcome}`] ?? 0) + value
      return sums
    },
    trap: (fits) => eventually('a trap', () => traps.find(fits), 5_000),
    async send(tool, ...args) {
      const at = args.indexOf('--')
      const before = args.slice(0, at)
      const after = args.slice(at + 1)
      // A socket for both takes IPv4 as well.
      const where =
        host.includes(':') && host !== '::'
          ? `udp6:[${host}]:${port}`
          : `udp:${host === '::' ? '127.0.0.1' : host}:${port}`
      const env = { PATH: process.env.PATH, SNMP_PERSISTENT_DIR: home, MIBS: '', SNMPCONFPATH: home }
      const { stdout, stderr } = await run(tool, ['-r', '1', '-t', '1', ...before, where, ...after], { env })
      return stdout + stderr
    },
    async [Symbol.asyncDispose]() {
      await receiver.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
