import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { InterfaceList } from '../../src/api/views/network-schemas.ts'
import { startApp } from '../../src/app.ts'
import type { AgentMemo } from '../../src/collect/snmp/agent-memory.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { inventoryFrom } from '../../src/inventory/inventory-from-config.ts'
import type { PollResult } from '../../src/model/reading.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { openPoller, type PollingPlace } from '../../src/wiring/open-poller.ts'
import { eventually } from '../support/eventually.ts'
import { has } from '../support/requires.ts'
import { startSnmpd } from '../support/snmpd.ts'

const log = createLogger('silent')

async function configOf(port: number, access: object, folder = '/tmp') {
  const text = stringify({
    server: { listen: '127.0.0.1:0' },
    poll: { snmp: { interval: '1s', timeout: '500ms', retries: 0 } },
    elements: [{ id: 'box', address: '127.0.0.1', icmp: false, snmp: { ...access, port } }],
  })
  const loaded = await loadConfigText(text, join(folder, 'f.yaml'), {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  return loaded.config
}

describe.skipIf(!has('snmpd'))('what the daemon knows of agents', () => {
  it('is in the state store when it has stopped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-agent-memory-'))
    const users = ['createUser reader SHA "authentic words"', 'rouser reader auth']
    await using agent = await startSnmpd({ name: 'box', config: users })
    const auth = { protocol: 'sha', password: 'authentic words' }
    const config = await configOf(agent.port, { version: '3', user: 'reader', auth }, folder)
    const app = await startApp(config, { log })
    await eventually('a poll', async () => {
      const response = await fetch(new URL('/api/v1/elements/box/interfaces', app.url))
      const { items } = (await response.json()) as InterfaceList
      return items.length > 0
    })
    expect(await app.close()).toEqual([])

    const db = await openStateDb(config.state.path)
    const rows = await db.selectFrom('agent_memory').selectAll().execute()
    await db.destroy()
    rmSync(folder, { recursive: true })
    expect(rows).toMatchObject([{ element: 'box', key: 'snmp' }])
    const { engine }: AgentMemo = JSON.parse(rows[0]?.value_json ?? '{}')
    expect(engine?.id).toMatch(/^80001f88/)
    expect(engine?.boots).toBeGreaterThan(0)
    expect(rows[0]?.value_json).not.toContain('words')
  })

  it.for<PollingPlace>(['thread', 'here'])('is used by the next one (%s)', async (place) => {
    await using agent = await startSnmpd({ name: 'box' })
    const config = await configOf(agent.port, { version: '2c', community: 'test' })
    const { vantage, targets } = inventoryFrom(config)
    const requestsWith = async (memos: ReadonlyMap<string, AgentMemo>) => {
      const results: PollResult[] = []
      const poller = await openPoller(
        place,
        { poll: config.poll, vantage, targets },
        {
          deliver: (result) => void results.push(result),
          memory: {
            recall: (element) => memos.get(element),
            keep() {},
            all: () => memos,
            close: async () => {},
          },
          clock: systemClock,
          log,
          metrics: createMetrics(),
        },
      )
      await poller.pollNow(['box'])
      await poller.stop()
      const [result] = results
      return result?.probe === 'snmp' ? (result.agent?.requests ?? 0) : 0
    }
    const fresh = await requestsWith(new Map())
    expect(fresh).toBeGreaterThan(0)
    // One row a request.
    expect(await requestsWith(new Map([['box', { maxRepetitions: 1 }]]))).toBeGreaterThan(fresh)
  })
})
