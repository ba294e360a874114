import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import type { AlarmDetail, AlarmPage } from '../../src/api/views/alarm-schemas.ts'
import { views } from '../../src/api/views.ts'
import { startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import { eventually } from '../support/eventually.ts'

/** A minute takes a second and a half. */
const times = 40
const began = systemClock.now()
const clock: Clock = {
  now: () => began + (systemClock.now() - began) * times,
  sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
}

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 1
}

it('a store that is away is an alarm about Faultline itself: in the list, over a restart, and in no incident', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-internal-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const url = `http://127.0.0.1:${await closedPort()}`
  const snmp = { version: '2c', community: 'lab', port: await closedPort() }
  const text = JSON.stringify({
    server: { listen: '127.0.0.1:0' },
    samples: { kind: 'influxdb', url, database: 'faultline' },
    poll: { snmp: { interval: '10s', timeout: '200ms', retries: 0 } },
    elements: [{ id: 'a', address: '127.0.0.1', icmp: false, snmp }],
  })
  const loaded = await loadConfigText(text, join(folder, 'faultline.json'), {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const start = () => startApp(loaded.config, { log: pino({ enabled: false }), clock })
  const ask = async (base: string, path: string, body?: object): Promise<unknown> => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const answer = await fetch(base + path, body === undefined ? {} : { ...post, body: JSON.stringify(body) })
    return answer.json()
  }
  const about = async (base: string): Promise<AlarmPage['items'][number] | undefined> =>
    views.AlarmPage.parse(await ask(base, '/api/v1/alarms?about=system&state=active')).items.find(
      ({ type }) => type === 'store-away',
    )

  const first = await start()
  const raised = await eventually('the alarm', () => about(first.url))
  expect(raised).toMatchObject({ part: 'sample store', eventType: 'processingErrorAlarm', state: 'active' })
  const readiness = views.Readiness.parse(await ask(first.url, '/readyz'))
  expect(readiness.checks.map(({ name }) => name)).not.toContain('alarms')
  await ask(first.url, `/api/v1/alarms/${raised.id}/acknowledge`, {})
  const { items } = views.IncidentPage.parse(await ask(first.url, '/api/v1/incidents'))
  for (const { id } of items) {
    const { alarms } = views.IncidentDetail.parse(await ask(first.url, `/api/v1/incidents/${id}`))
    expect(alarms.map(({ about }) => about)).not.toContain('system')
  }
  expect(await first.close()).toEqual([])

  const second = await start()
  try {
    const again = await about(second.url)
    expect(again).toMatchObject({ id: raised.id, acknowledged: { by: 'local' }, raisedAt: raised.raisedAt })
    const detail: AlarmDetail = views.AlarmDetail.parse(await ask(second.url, `/api/v1/alarms/${raised.id}`))
    expect(detail.transitions.filter(({ kind }) => kind === 'raised')).toHaveLength(1)
  } finally {
    expect(await second.close()).toEqual([])
  }
})
