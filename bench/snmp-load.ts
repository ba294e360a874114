import { setTimeout } from 'node:timers/promises'
import { createSnmpProbe } from '../src/collect/snmp/snmp-probe.ts'
import { probeDeps, since, startEngine } from './engine.ts'
import type { Figure } from './figures.ts'
import { maxElements, startResponder } from './responder.ts'
import { snmpTargets } from './traffic.ts'

/**
 * SNMP polls at full rate in this process, begun before it resolves: 10,000 elements a minute, told by fewer that are
 * asked more often. Its figures are of the time from then on.
 */
export async function startSnmpLoad(): Promise<() => Promise<readonly Figure[]>> {
  const load = { interfaces: 48, capBytes: 12_000, delayMs: 20, deadPercent: 0 }
  const agents = Math.min(1_000, maxElements())
  const responder = await startResponder({ kind: 'snmp', ...load }, load)
  const snmp = startEngine(
    await createSnmpProbe({ timeoutMs: 1_000, retries: 1 }, probeDeps()),
    agents * 6,
    snmpTargets(agents, responder),
  )
  snmp.scheduler.start()
  await setTimeout(6_000)
  const before = snmp.counts()
  const from = performance.now()
  return async () => {
    const polls = since(before, snmp.counts())
    const seconds = (performance.now() - from) / 1_000
    await snmp.stop()
    await responder.close()
    return [
      {
        name: 'SNMP polls meanwhile',
        value: polls.answered / seconds,
        unit: 'a second (10,000 elements a minute are 167)',
      },
      { name: 'SNMP polls that were late', value: polls.late, unit: '' },
    ]
  }
}
