// The whole daemon as an operator runs it: a process of its own that polls real sockets, judges, stores and serves.
// Options: --elements, --interfaces, --services, --minutes, --store=embedded|influxdb; --json, --json=FILE.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { stringify } from 'yaml'
import { daemonEnv, daemonFlags } from '../scripts/memory.mjs'
import { startDaemonProcess } from '../test/support/daemon-process.ts'
import { startInfluxd } from '../test/support/influxd.ts'
import { type Figure, numberOption, printSections } from './figures.ts'
import { cpuOf } from './process-cost.ts'
import { type Responder, startResponder } from './responder.ts'

const args = process.argv.slice(2)
const elements = numberOption(args, 'elements', 1_000)
const interfaces = numberOption(args, 'interfaces', 50)
const services = numberOption(args, 'services', 1_000)
const minutes = numberOption(args, 'minutes', 3)
const kind = args.includes('--store=influxdb') ? 'influxdb' : 'embedded'
/** Elements that hang on one other. */
const fan = 10
/** Time until each element was asked twice and the code is compiled, s. */
const warmUpSeconds = 130

const uplinksOf = (n: number) => (n === 0 ? ['nms'] : [`e${Math.floor((n - 1) / fan)}`])

function configuration(folder: string, responder: Responder, influxdb: string | undefined) {
  return {
    vantage: 'nms',
    gateways: ['e0'],
    server: { listen: '127.0.0.1:0' },
    state: { path: join(folder, 'state.db') },
    spool: { path: join(folder, 'spool') },
    samples:
      influxdb === undefined
        ? { kind: 'embedded', path: join(folder, 'samples') }
        : { kind: 'influxdb', url: influxdb, database: 'bench' },
    log: { level: 'warn' },
    notify: { channels: { email: { kind: 'mailbox', path: join(folder, 'mailbox') } } },
    elements: Array.from({ length: elements }, (_, n) => ({
      id: `e${n}`,
      ...{ address: responder.at(n).address, uplinks: uplinksOf(n), icmp: true },
      snmp: { version: '2c', community: 'bench', port: responder.at(n).port },
    })),
    customers: Array.from({ length: services }, (_, n) => ({
      id: `c${n}`,
      name: `Customer ${n}`,
      contacts: [{ channel: 'email', address: `c${n}@example.net` }],
    })),
    services: Array.from({ length: services }, (_, n) => ({
      id: `s${n}`,
      customer: `c${n}`,
      element: `e${n % elements}`,
    })),
  }
}

/** MB of memory that the process and its threads hold now, and the most that it ever held. */
function memoryOf(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024
  return { now: of('VmRSS'), most: of('VmHWM') }
}

/** What the daemon says of itself. Asking begins the count of holds anew, so it is asked once for all. */
async function metricsOf(url: string): Promise<(name: string) => number> {
  const lines = (await (await fetch(new URL('/metrics', url))).text()).split('\n')
  return (name) =>
    lines
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

const folder = await mkdtemp(join(tmpdir(), 'faultline-bench-'))
const influxd = kind === 'influxdb' ? await startInfluxd() : undefined
const network = { kind: 'snmp', interfaces, capBytes: 12_000 } as const
const responder = await startResponder(network, { delayMs: 0, deadPercent: 0 })
const file = join(folder, 'faultline.yaml')
await writeFile(file, stringify(configuration(folder, responder, influxd?.url)))
// The compiled program where there is one (`npm run build`), as an installed package and the image have it.
const program = join(import.meta.dirname, '..', 'bin', 'faultline.js')
const compiled = join(import.meta.dirname, '..', 'dist', 'main.js')
const daemon = await startDaemonProcess(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', ...daemonFlags, program, 'run', '--config', file],
  { limitMs: 60_000, env: { ...daemonEnv, ...process.env } },
)
try {
  await setTimeout(warmUpSeconds * 1_000)
  const before = { cpu: cpuOf(daemon.pid), samples: (await metricsOf(daemon.url))('faultline_samples_total') }
  const memory: number[] = []
  for (let minute = 0; minute < minutes; minute++) {
    await setTimeout(60_000)
    memory.push(memoryOf(daemon.pid).now)
  }
  const metric = await metricsOf(daemon.url)
  const samples = metric('faultline_samples_total') - before.samples
  const figures: readonly Figure[] = [
    { name: 'from the start to the address of the console', value: daemon.startedInMs, unit: 'ms' },
    { name: 'memory at the end (RSS)', value: memoryOf(daemon.pid).now, unit: 'MB', goal: { atMost: 400 } },
    {
      name: 'middle of one look a minute',
      value: memory.sort((a, b) => a - b)[memory.length >> 1] ?? Number.NaN,
      unit: 'MB',
    },
    { name: 'most that it ever held', value: memoryOf(daemon.pid).most, unit: 'MB', goal: { atMost: 400 } },
    { name: 'CPU for a minute, all threads', value: (cpuOf(daemon.pid) - before.cpu) / minutes, unit: 's' },
    { name: 'samples a second', value: samples / (minutes * 60), unit: '' },
    {
      name: 'samples that wait for the store',
      value: metric('faultline_store_queue_samples'),
      unit: '',
    },
    {
      name: 'late polls',
      value: metric('faultline_poll_overruns_total'),
      unit: '',
      goal: { atMost: 0 },
    },
    {
      name: 'hold of the event loop, p99',
      value: 1_000 * metric('faultline_nodejs_eventloop_lag_p99_seconds'),
      unit: 'ms',
    },
    { name: 'file descriptors', value: readdirSync(`/proc/${daemon.pid}/fd`).length, unit: '' },
    {
      name: 'active alarms',
      value: (await daemon.get<{ items: readonly object[] }>('/api/v1/alarms?state=active')).items.length,
      unit: '',
      goal: { atMost: 0 },
    },
  ]
  const title = `The daemon: ${elements} elements × ${interfaces} interfaces each 60 s, an echo burst each 10 s, ${services} services, ${kind}`
  printSections(
    'daemon',
    [
      {
        title,
        figures,
        notes: [
          `${minutes} minutes after ${warmUpSeconds} s; ${existsSync(compiled) ? 'compiled' : 'from source, which takes more memory'}`,
          responder.description,
        ],
      },
    ],
    args,
  )
} finally {
  await daemon.end('SIGTERM')
  await responder.close()
  await influxd?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
}
