import { writeFileSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startDaemonProcess } from '../support/daemon-process.ts'
import { eventually } from '../support/eventually.ts'

it('a daemon whose data folder is taken away acknowledges nothing, is not ready, and says why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-gone-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'faultline.yaml')
  writeFileSync(
    file,
    [
      'server: { listen: "127.0.0.1:0" }',
      'notify: { channels: { trial: { kind: mailbox, path: mailbox } } }',
      'poll: { icmp: { interval: 1s, timeout: 500ms, count: 1 } }',
      'elements: [{ id: core1, address: 127.0.0.1, icmp: true }]',
      'customers: [{ id: c-1, name: Ann, contacts: [{ channel: trial, address: ann@example.net }] }]',
      'services: [{ id: s-1, customer: c-1, class: internet, element: core1 }]',
    ].join('\n'),
  )
  await using daemon = await startDaemonProcess(process.execPath, [
    resolve(import.meta.dirname, '../../bin/faultline.js'),
    'run',
    '--config',
    file,
  ])
  const report = { kind: 'fault', service: 's-1', symptom: 'no-service', channel: 'phone' }
  const ready = async () => {
    const response = await fetch(new URL('/readyz', daemon.url))
    return { status: response.status, text: await response.text() }
  }
  const post = async () => {
    const response = await fetch(new URL('/api/v1/fault-reports', daemon.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(report),
    })
    return { status: response.status, text: await response.text() }
  }
  expect((await post()).status).toBe(201)
  await eventually('readiness', async () => (await ready()).status === 200)

  await rename(join(folder, 'data'), join(folder, 'elsewhere'))
  expect(await post()).toMatchObject({ status: 503, text: expect.stringContaining('STATE_UNAVAILABLE') })
  const reason = '(state.path) was removed, moved or replaced'
  expect(await ready()).toMatchObject({ status: 503, text: expect.stringContaining(reason) })
  await eventually('a line in the log', () => daemon.output().includes('state store keeps nothing'))
  await eventually('a spool made anew', async () => (await ready()).text.includes('segments were removed'))

  await rm(join(folder, 'data'), { recursive: true, force: true })
  await rename(join(folder, 'elsewhere'), join(folder, 'data'))
  expect((await post()).status).toBe(201)
  await eventually('a state store that keeps', () => daemon.output().includes('keeps what is written again'))
  await daemon.end('SIGTERM')
  expect(daemon.output()).toMatch(/"msg":"stopped/)
})
