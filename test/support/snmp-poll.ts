import { pino } from 'pino'
import { createSnmpProbe, type SnmpProbeDeps, type SnmpSettings } from '../../src/collect/snmp/snmp-probe.ts'
import { type InterfaceRow, rowsOf } from '../../src/model/interface-table.ts'
import type { Reading } from '../../src/model/reading.ts'
import type { SnmpAccess, Target } from '../../src/model/target.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'

export type AgentPoll = Extract<Reading, { probe: 'snmp' }>

/** The interfaces of a poll; none when it failed. */
export const rowsIn = ({ agent }: AgentPoll): readonly InterfaceRow[] =>
  agent === undefined ? [] : rowsOf(agent.interfaces)

/** An SNMP probe of a test, with what it logged and counted. */
export async function startSnmpProbe(
  settings: Partial<SnmpSettings> = {},
  clock: Clock = systemClock,
  deps: Pick<SnmpProbeDeps, 'memory' | 'readProfile'> = {},
) {
  const lines: string[] = []
  const metrics = createMetrics()
  const probe = await createSnmpProbe(
    // Long, and once: a busy machine must not make a test's agent look silent.
    { timeoutMs: 5_000, retries: 0, ...settings },
    {
      ...deps,
      clock,
      metrics,
      log: pino({ level: 'debug', base: null }, { write: (line) => lines.push(line) }),
    },
  )
  return {
    lines,
    renew: (element: string) => probe.renew?.(element),
    poll: async (
      at: { readonly address: string; readonly port: number },
      access: DistributiveOmit<SnmpAccess, 'port' | 'acceptFrom'>,
      extra: { element?: string; acceptFrom?: readonly string[]; signal?: AbortSignal } = {},
    ): Promise<AgentPoll> => {
      const target: Target = {
        element: extra.element ?? 'box',
        address: at.address,
        icmp: false,
        snmp: { ...access, port: at.port, acceptFrom: extra.acceptFrom ?? [] },
        speedOverrides: {},
      }
      const readings: Reading[] = []
      const signal = extra.signal ?? AbortSignal.timeout(20_000)
      await probe.measure([target], (reading) => readings.push(reading), signal)
      const [reading] = readings
      if (reading?.probe !== 'snmp' || readings.length !== 1) throw new Error('not one SNMP reading')
      return reading
    },
    refused: async (): Promise<Readonly<Record<string, number>>> => {
      const { values } = await metrics.packetsRefused.get()
      return Object.fromEntries(values.map(({ labels, value }) => [`${labels.reason}`, value]))
    },
    [Symbol.asyncDispose]: () => probe.close(),
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
