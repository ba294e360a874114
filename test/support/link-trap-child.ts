import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import type { AlarmPage } from '../../src/api/views/alarm-schemas.ts'
import type { CollectionView } from '../../src/api/views/collection-schemas.ts'
import type { InterfaceList } from '../../src/api/views/network-schemas.ts'
import { startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { eventually } from './eventually.ts'
import { startSnmpd } from './snmpd.ts'

/** What a daemon made of a cable that was pulled and put back. */
export interface LinkTrapStory {
  readonly traps: readonly { kind: string; authenticated: boolean; interfaceName?: string | undefined }[]
  readonly whileDown: readonly string[]
  readonly afterwards: readonly string[]
  readonly cleared: readonly string[]
}

const run = promisify(execFile)
const link = (name: string, state: 'up' | 'down') => run('ip', ['link', 'set', name, state])
const column = (number: number) => `.1.3.6.1.2.1.2.2.1.${number}`
const told = [1, 7, 8].map(column).join(' ')
const trapPort = 1162

/**
 * Plays the story in the network namespace that this process is in: snmpd, which watches its interfaces once a second
 * and sends SNMPv3 traps, and a daemon that polls once a day.
 */
async function play(): Promise<LinkTrapStory> {
  await run('ip', ['link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far'])
  await link('near', 'up')
  await link('far', 'up')
  await using agent = await startSnmpd({
    name: 'box',
    config: [
      'createUser boxes SHA-256 "a long secret" AES "another secret"',
      'createUser _internal SHA "a secret of its own"',
      'rouser boxes priv',
      'rouser _internal',
      'iquerySecName _internal',
      `trapsess -v 3 -u boxes -l authPriv -a SHA-256 -A "a long secret" -x AES -X "another secret" 127.0.0.1:${trapPort}`,
      `notificationEvent up .1.3.6.1.6.3.1.1.5.4 ${told}`,
      `notificationEvent down .1.3.6.1.6.3.1.1.5.3 ${told}`,
      `monitor -S -r 1 -e up "up" ${column(8)} != 2`,
      `monitor -S -r 1 -e down "down" ${column(8)} == 2`,
    ],
  })
  const folder = mkdtempSync(join(tmpdir(), 'faultline-link-trap-'))
  const user = {
    auth: { protocol: 'sha256', password: 'a long secret' },
    priv: { protocol: 'aes', password: 'another secret' },
  }
  const text = stringify({
    server: { listen: '127.0.0.1:0' },
    traps: { listen: `127.0.0.1:${trapPort}`, users: [{ name: 'boxes', ...user }] },
    poll: { snmp: { interval: '1d' } },
    elements: [
      {
        id: 'box',
        address: '127.0.0.1',
        icmp: false,
        snmp: { version: 3, user: 'boxes', ...user, port: agent.port },
      },
    ],
  })
  const loaded = await loadConfigText(text, join(folder, 'f.yaml'), {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  const app = await startApp(loaded.config, { log: createLogger('silent') })
  try {
    const get = async <T>(path: string): Promise<T> =>
      (await fetch(new URL(path, app.url))).json() as Promise<T>
    const alarms = async (state: string) =>
      (await get<AlarmPage>(`/api/v1/alarms?state=${state}`)).items.map((alarm) => alarm.text)
    const isUp = async () => {
      const { items } = await get<InterfaceList>('/api/v1/elements/box/interfaces')
      return items.find(({ name }) => name === 'near')?.operStatus === 'up'
    }
    await eventually('the first poll', isUp)
    await link('far', 'down')
    await eventually('the alarm', async () => (await alarms('active')).length > 0)
    await eventually('the poll', async () => !(await isUp()))
    const whileDown = await alarms('active')
    await link('far', 'up')
    await eventually('the end of the alarm', async () => (await alarms('active')).length === 0)
    await eventually('the poll', isUp)
    const traps = await eventually('a trap of each end, both times', async () => {
      const { latest = [] } = (await get<CollectionView>('/api/v1/collection')).traps ?? {}
      return latest.filter(({ kind }) => kind.startsWith('link')).length >= 4 && latest
    })
    return {
      traps,
      whileDown,
      afterwards: await alarms('active'),
      cleared: await alarms('cleared'),
    }
  } finally {
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

process.stdout.write(`${JSON.stringify(await play())}\n`)
