import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { CollectionView, ElementView, InterfaceList, TopologyView } from '../../src/api/views.ts'
import { startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { eventually } from '../support/eventually.ts'
import { has } from '../support/requires.ts'
import { startSnmpd } from '../support/snmpd.ts'

const run = promisify(execFile)

/** A daemon in this process that polls once a day, so that what it knows it was told to ask for. */
async function startDaemon(agentPort: number) {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-trap-poll-'))
  const text = stringify({
    server: { listen: '127.0.0.1:0' },
    traps: { listen: '127.0.0.1:0', communities: ['trap-word'] },
    poll: { snmp: { interval: '1d', timeout: '1s', retries: 1 } },
    elements: [
      {
        id: 'box',
        address: '127.0.0.1',
        icmp: false,
        snmp: { version: '2c', community: 'test', port: agentPort },
      },
    ],
  })
  const loaded = await loadConfigText(text, join(folder, 'f.yaml'), {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  const app = await startApp(loaded.config, { log: createLogger('silent') })
  return {
    get: async <T>(path: string): Promise<T> => {
      const response = await fetch(new URL(path, app.url), { signal: AbortSignal.timeout(5_000) })
      if (!response.ok) throw new Error(`${path}: ${response.status}`)
      return (path === '/metrics' ? response.text() : response.json()) as Promise<T>
    },
    [Symbol.asyncDispose]: async () => {
      expect(await app.close()).toEqual([])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

describe.skipIf(!has('snmpd', 'snmptrap'))('a trap that comes to the daemon', () => {
  it('makes its element be polled at once, and is shown', async () => {
    await using agent = await startSnmpd({ name: 'box' })
    await using daemon = await startDaemon(agent.port)
    const before = await daemon.get<CollectionView>('/api/v1/collection')
    expect(before.probes).toMatchObject([{ name: 'snmp', intervalMs: 86_400_000 }])
    expect(before.traps).toMatchObject({ host: '127.0.0.1', latest: [], refused: [], unknown: [] })
    const seenAt = async () => {
      const { items } = await daemon.get<InterfaceList>('/api/v1/elements/box/interfaces')
      return items.find((port) => port.name === 'lo')?.seenAt
    }
    const first = await eventually('the poll that every element gets at start', seenAt)

    const send = (community: string, oid: string) =>
      run('snmptrap', ['-v2c', '-c', community, `127.0.0.1:${before.traps?.port}`, '', oid], {
        env: { PATH: process.env.PATH, MIBS: '' },
      })
    await send('another', '1.3.6.1.6.3.1.1.5.3')
    await send('trap-word', '1.3.6.1.6.3.1.1.5.3')
    await eventually('another poll', async () => (await seenAt()) !== first)
    expect(await daemon.get<ElementView>('/api/v1/elements/box')).toMatchObject({ reach: 'answering' })
    const after = await daemon.get<CollectionView>('/api/v1/collection')
    expect(after.traps).toMatchObject({
      latest: [{ element: 'box', kind: 'linkDown', version: '2c', authenticated: false }],
      refused: [{ address: '127.0.0.1', why: 'wrong-community', count: 1 }],
    })
    expect(await daemon.get<string>('/metrics')).toContain(
      'faultline_traps_total{kind="linkDown",outcome="accepted"} 1',
    )
    expect((await daemon.get<TopologyView>('/api/v1/topology')).differences).toEqual([])
  })
})
