import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { Lifecycle } from '../../src/platform/lifecycle.ts'

/** In the order of opening; they are closed in the reverse one. */
const opened = [
  'state lock',
  'state store',
  'sample store',
  'preparation of the sample store',
  'spool lock',
  'sample queue',
  'roll-ups',
  'channel post',
  'sender',
  'fault reports',
  'pipeline',
  'rule learning',
  'first picture',
  'agent memory',
  'poller',
  'trap receiver',
  'steps',
  'housekeeping',
  'latest values',
  'link comparison',
  'internal alarms',
  'api',
]

async function configOf(listen: string) {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-closing-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const snmp = { version: '2c', community: 'lab', port: silent.address().port }
  const text = JSON.stringify({
    server: { listen },
    traps: { listen: '127.0.0.1:0', communities: ['lab'] },
    notify: { channels: { post: { kind: 'mailbox', path: folder, from: 'noc@isp.example' } } },
    elements: [{ id: 'a', address: '127.0.0.1', icmp: false, snmp }],
  })
  const loaded = await loadConfigText(text, join(folder, 'faultline.json'), {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

/** What says how it closes, and what is then closed. */
function watchLifecycle() {
  const told = { opened: [] as string[], closed: [] as string[] }
  const onClose = Lifecycle.prototype.onClose
  const spy = vi.spyOn(Lifecycle.prototype, 'onClose').mockImplementation(function (
    this: Lifecycle,
    name,
    close,
  ) {
    told.opened.push(name)
    onClose.call(this, name, () => {
      told.closed.push(name)
      return close()
    })
  })
  onTestFinished(() => spy.mockRestore())
  return told
}

const log = pino({ enabled: false })

it('the daemon closes each part after those that use it', async () => {
  const told = watchLifecycle()
  const app = await startApp(await configOf('127.0.0.1:0'), { log })
  expect(await app.close()).toEqual([])
  expect(told).toEqual({ opened, closed: opened.toReversed() })
})

it('a daemon that cannot listen closes all that it had opened', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const address = taken.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  const told = watchLifecycle()
  const starting = startApp(await configOf(`127.0.0.1:${address.port}`), { log })
  await expect(starting).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  const before = opened.slice(0, -1)
  expect(told).toEqual({ opened: before, closed: before.toReversed() })
})
