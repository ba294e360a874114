import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import type { AlarmPage } from '../../src/api/views/alarm-schemas.ts'
import type { CollectionView } from '../../src/api/views/collection-schemas.ts'
import type { IncidentPage } from '../../src/api/views/incident-schemas.ts'
import { startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { eventually } from '../support/eventually.ts'
import { interfaces, system } from '../support/snmp-mib.ts'
import { answerFrom, response, startSnmpResponder, text } from '../support/snmp-responder.ts'

it('an agent that answers and cannot be read is called so in alarm, incident, API and log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-unreadable-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  let isBroken = true
  const honest = answerFrom({ ...system('box'), ...interfaces({ 1: { name: 'ge1', octets: 1n } }) })
  const again = ['1.3.6.1.2.1.2.2.1.2.1', text('again')] as const
  await using agent = await startSnmpResponder((request) =>
    isBroken && request.type !== 0xa0 ? response(request, Array(20).fill(again)) : honest(request),
  )
  const settings = JSON.stringify({
    server: { listen: '127.0.0.1:0' },
    poll: { snmp: { interval: '1d', timeout: '1s' } },
    elements: [
      {
        ...{ id: 'b12', address: '127.0.0.1', icmp: false },
        snmp: { version: '2c', community: 'test', port: agent.port },
      },
    ],
  })
  const loaded = await loadConfigText(settings, join(folder, 'faultline.json'), {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const told = () =>
    lines
      .map((line) => JSON.parse(line))
      .filter(({ element, msg }) => element === 'b12' && `${msg}`.includes('read'))
      .map(({ level, msg, reason }) => ({ level, msg, reason }))
  const app = await startApp(loaded.config, { log })
  const get = async <T>(path: string): Promise<T> =>
    (await fetch(new URL(path, app.url))).json() as Promise<T>
  const poll = async () => {
    const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    expect((await fetch(new URL('/api/v1/elements/b12/poll', app.url), body)).status).toBe(200)
  }
  try {
    for (let time = 0; time < 4; time++) await poll()
    const reason = "the agent's table does not advance: 1.3.6.1.2.1.2.2.1.2.1"
    const alarm = await eventually(
      'the alarm',
      async () => (await get<AlarmPage>('/api/v1/alarms?state=active')).items[0],
    )
    expect(alarm).toMatchObject({
      type: 'agent-silent',
      text: expect.stringContaining(`The SNMP agent of b12 answers, but cannot be read: ${reason}`),
    })
    const incident = await eventually(
      'the incident',
      async () => (await get<IncidentPage>('/api/v1/incidents')).items[0],
    )
    expect(JSON.stringify(incident)).toContain(`The SNMP agent of b12 answers, but cannot be read: ${reason}`)
    const { failing } = await get<CollectionView>('/api/v1/collection')
    expect(failing).toMatchObject([
      { element: 'b12', probe: 'snmp', outcome: 'refused', problem: expect.stringContaining(reason) },
    ])
    const warning = {
      ...{ level: 40, msg: 'the SNMP agent answers, but cannot be read' },
      reason: failing[0]?.problem,
    }
    expect(told()).toEqual([warning])

    isBroken = false
    await poll()
    expect((await get<CollectionView>('/api/v1/collection')).failing).toEqual([])
    expect(told()).toEqual([warning, { level: 30, msg: 'the SNMP agent can be read again' }])
    await eventually(
      'its end',
      async () => (await get<AlarmPage>('/api/v1/alarms?state=active')).items.length === 0,
    )
  } finally {
    expect(await app.close()).toEqual([])
  }
})
