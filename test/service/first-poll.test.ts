import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'

it('every element is asked at the start, and a stop does not wait for the silent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-first-poll-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const snmp = { version: '2c', community: 'lab', port: silent.address().port }
  const text = JSON.stringify({
    server: { listen: '127.0.0.1:0' },
    poll: { snmp: { interval: '1d', timeout: '30s' } },
    elements: [{ id: 'a', address: '127.0.0.1', icmp: false, snmp }],
  })
  const loaded = await loadConfigText(text, join(folder, 'faultline.json'), {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))

  const asked = once(silent, 'message')
  const app = await startApp(loaded.config, { log: pino({ enabled: false }) })
  try {
    await asked
  } finally {
    expect(await app.close()).toEqual([])
  }
})
