// SNMP: what polling costs. Options: --elements, --interfaces, --cap, --delay, --dead, --interval (s), --cycles for one
// run of your own; without any of them the usual runs, and the peers beside them; --part=loads|v3|peers for one of these.
// --json, --json=FILE.
import { once } from 'node:events'
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'
import { isMainThread, parentPort, type ResourceLimits, Worker, workerData } from 'node:worker_threads'
import { pollThreadLimits } from '../src/collect/poller/poll-thread.ts'
import { oidRange } from '../src/collect/snmp/codec/oid.ts'
import { pduTags } from '../src/collect/snmp/codec/tags.ts'
import { createSnmpClient } from '../src/collect/snmp/snmp-client.ts'
import { createSnmpProbe } from '../src/collect/snmp/snmp-probe.ts'
import { createPasswordKeys } from '../src/collect/snmp/usm/password-keys.ts'
import { createUsmSecurity } from '../src/collect/snmp/usm/usm-security.ts'
import type { Target } from '../src/model/target.ts'
import { startSnmpd } from '../test/support/snmpd.ts'
import { type BareExchangeCost, costOfBareExchange } from './bare-exchange.ts'
import { type Counts, type Engine, probeDeps, since, startEngine } from './engine.ts'
import { type Figure, numberOption, percentile, printSections, type Section } from './figures.ts'
import { costOfSnmpExporter, startNetSnmp } from './peers.ts'
import { fileDescriptors, ownCpu, receiveBufferErrors } from './process-cost.ts'
import { maxElements, type Responder, startResponder } from './responder.ts'
import { snmpTargets } from './traffic.ts'

interface Load {
  readonly elements: number
  readonly interfaces: number
  readonly capBytes: number
  readonly delayMs: number
  readonly deadPercent: number
  readonly intervalMs: number
  /** Intervals that are measured. */
  readonly cycles: number
}

interface Measured {
  readonly cpuSeconds: number
  /** Of which in the kernel. */
  readonly systemSeconds: number
  readonly varbinds: number
  readonly requests: number
  readonly rcvbufErrors: number
  readonly counts: Counts
  readonly fds: number
  /** MB: of the whole process, when there was no element yet and at the end; and of that what V8 and arrays take. */
  readonly rssBefore: number
  readonly rss: number
  readonly heap: number
  readonly arrayBuffers: number
}

const settings = { timeoutMs: 1_000, retries: 1 }
/** The listing itself, and the pipes to what plays the network. */
const benchFds = 3
/** Polls until the code is compiled as far as it gets. */
const warmPolls = 20_000
const megabytes = (bytes: number) => bytes / 2 ** 20

const elementsOf = (targets: readonly Target[]) => targets.map(({ element }) => element)

/** Polls back to back, so that all is compiled, and then two intervals, so that all is as usual. */
async function warmUp(engine: Engine, targets: readonly Target[], intervalMs: number): Promise<void> {
  // Many elements are polled by their slots only: all of them at once would take memory that polling never takes.
  const rounds = targets.length > 2_000 ? 0 : Math.ceil(warmPolls / targets.length)
  for (let i = 0; i < rounds; i++) await engine.scheduler.pollNow(elementsOf(targets))
  engine.scheduler.start()
  await setTimeout((rounds > 0 ? 1 : 2) * intervalMs)
}

async function measure(load: Load, responder: Responder): Promise<Measured> {
  const rssBefore = megabytes(process.memoryUsage.rss())
  const probe = await createSnmpProbe(settings, probeDeps())
  const targets = snmpTargets(load.elements, responder)
  const engine = startEngine(probe, load.intervalMs, targets)
  await warmUp(engine, targets, load.intervalMs)
  const before = {
    ...(await responder.stats()),
    counts: engine.counts(),
    errors: receiveBufferErrors(),
    cpu: process.cpuUsage(),
  }
  await setTimeout(load.cycles * load.intervalMs)
  const { user, system } = process.cpuUsage(before.cpu)
  const after = { ...(await responder.stats()), counts: engine.counts(), errors: receiveBufferErrors() }
  const fds = fileDescriptors() - benchFds
  const { rss, heapTotal, arrayBuffers } = process.memoryUsage()
  await engine.stop()
  return {
    cpuSeconds: (user + system) / 1e6,
    systemSeconds: system / 1e6,
    varbinds: after.varbinds - before.varbinds,
    requests: after.requests - before.requests,
    rcvbufErrors: after.errors - before.errors,
    counts: since(before.counts, after.counts),
    fds,
    rssBefore,
    rss: megabytes(rss),
    heap: megabytes(heapTotal),
    arrayBuffers: megabytes(arrayBuffers),
  }
}

const perCpuSecond = ({ varbinds, cpuSeconds }: { varbinds: number; cpuSeconds: number }) =>
  varbinds / cpuSeconds

/** Polls in the measured time, of elements that answer. */
const livingPolls = ({ elements, deadPercent, cycles }: Load) => elements * cycles * (1 - deadPercent / 100)

const isSmall = ({ varbinds, requests }: Measured) => varbinds / requests < 100

function figuresOf(load: Load, measured: Measured): readonly Figure[] {
  const { counts, varbinds, requests } = measured
  const small = isSmall(measured)
  const isUsual = load.elements === 1_000 && load.interfaces === 48
  const isLarge = load.elements * load.interfaces >= 1_000_000
  return [
    {
      name: 'varbinds per CPU second',
      value: perCpuSecond(measured),
      unit: `at ${Math.round(varbinds / requests)} a reply`,
      goal: { atLeast: small ? 1.5e6 : 3e6 },
    },
    {
      name: 'CPU for 1,000 elements',
      value: (measured.cpuSeconds / livingPolls(load)) * 1_000,
      unit: `s (${Math.round(varbinds / livingPolls(load))} varbinds each)`,
    },
    // The goal is for ten columns; a poll reads about twice as many.
    ...(isUsual && !small
      ? [
          {
            name: 'the same for 480 varbinds each',
            value: (1_000 * 480) / perCpuSecond(measured),
            unit: 's',
            goal: { atMost: 0.16 },
          },
        ]
      : []),
    {
      name: 'CPU for one cycle',
      value: measured.cpuSeconds / load.cycles,
      unit: `s of ${load.intervalMs / 1_000}`,
      ...(isLarge ? { goal: { atMost: 5 } } : {}),
    },
    { name: 'memory (RSS)', value: Math.round(measured.rss), unit: 'MB', goal: { atMost: 400 } },
    {
      name: 'of which before the first element',
      value: Math.round(measured.rssBefore),
      unit: `MB; at the end V8 held ${Math.round(measured.heap)}, arrays ${Math.round(measured.arrayBuffers)}`,
    },
    { name: 'file descriptors', value: measured.fds, unit: '', goal: { atMost: 32 } },
    { name: 'replies lost to our buffers', value: measured.rcvbufErrors, unit: '', goal: { atMost: 0 } },
    { name: 'late polls', value: counts.late, unit: '', goal: { atMost: 0 } },
    {
      name: 'living elements that did not answer',
      value: Math.max(0, Math.round(livingPolls(load)) - counts.answered),
      unit: `of ${Math.round(livingPolls(load))}; ${counts.timedOut} polls timed out`,
    },
    {
      name: 'polls lost on the way to the main thread',
      value: counts.dropped,
      unit: '(its queue is bounded)',
      goal: { atMost: 0 },
    },
    { name: 'samples', value: counts.samples, unit: '' },
  ]
}

/** What the sockets of Node cost for the same datagrams in the same minute: the state of a machine is in both. */
async function bareExchange(load: Load, { varbinds, requests }: Measured, responder: Responder) {
  const { elements, intervalMs } = load
  return costOfBareExchange(responder, {
    elements,
    intervalMs,
    requests: Math.round(requests / livingPolls(load)),
    varbinds: varbinds / requests,
    forMs: 2 * intervalMs,
  })
}

function bareFigures({ cpuSeconds, systemSeconds, requests }: Measured, bare: BareExchangeCost) {
  const figure = (name: string, seconds: number, systemPart: number, count: number): Figure => {
    const us = (part: number) => (part / count) * 1e6
    const unit = `µs (user ${us(seconds - systemPart).toFixed(1)}, system ${us(systemPart).toFixed(1)})`
    return { name, value: us(seconds), unit }
  }
  const ours = figure('CPU of a request', cpuSeconds, systemSeconds, requests)
  const bareCost = figure(
    'the same, bare: sent and received by dgram',
    bare.user + bare.system,
    bare.system,
    bare.exchanges,
  )
  return [ours, bareCost, { name: 'ours to bare', value: ours.value / bareCost.value, unit: 'times' }]
}

async function section(title: string, load: Load): Promise<Section> {
  const elements = Math.min(load.elements, maxElements())
  const responder = await startResponder({ kind: 'snmp', ...load }, load)
  try {
    const own = { ...load, elements }
    const measured = await measure(own, responder)
    const bare = isSmall(measured) ? bareFigures(measured, await bareExchange(own, measured, responder)) : []
    return { title, figures: [...figuresOf(own, measured), ...bare], notes: [responder.description] }
  } finally {
    await responder.close()
  }
}

/** We and net-snmp, in turn, each back to back and after as many polls: one may not have what the other has not. */
async function besideNetSnmp(responder: Responder, elements: number, repetitions: number) {
  const targets = snmpTargets(elements, responder)
  const engine = startEngine(await createSnmpProbe(settings, probeDeps()), 3_600_000, targets)
  const netSnmp = startNetSnmp(responder, { elements, interfaces: 48, repetitions })
  const ways = {
    ours: async () => void (await engine.scheduler.pollNow(elementsOf(targets))),
    netSnmp: netSnmp.round,
  }
  const costs = { ours: [] as number[], netSnmp: [] as number[] }
  for (const way of Object.values(ways)) for (let i = 0; i < warmPolls / elements; i++) await way()
  for (let turn = 0; turn < 5; turn++)
    for (const name of ['ours', 'netSnmp'] as const) {
      const before = { cpu: ownCpu(), ...(await responder.stats()) }
      for (let i = 0; i < 10; i++) await ways[name]()
      const cpuSeconds = ownCpu() - before.cpu
      costs[name].push(
        perCpuSecond({ cpuSeconds, varbinds: (await responder.stats()).varbinds - before.varbinds }),
      )
    }
  await engine.stop()
  netSnmp.close()
  const ratios = costs.ours.map((value, turn) => value / (costs.netSnmp[turn] ?? Number.NaN))
  return {
    ours: percentile(costs.ours, 50),
    netSnmp: percentile(costs.netSnmp, 50),
    ratio: percentile(ratios, 50),
  }
}

const peerLoad = { interfaces: 48, delayMs: 0, deadPercent: 0 }

/** The same where replies are kept below the size of an Ethernet frame. */
async function besideNetSnmpInSmall(elements: number): Promise<readonly Figure[]> {
  const load = { ...peerLoad, capBytes: 1_400 }
  const responder = await startResponder({ kind: 'snmp', ...load }, load)
  try {
    // Ten columns: more rows do not fit, and it takes a row that was cut off for a whole one.
    const { ours, netSnmp, ratio } = await besideNetSnmp(responder, elements, 6)
    return [
      { name: '1,400-byte replies: Faultline, varbinds per CPU second', value: ours, unit: '' },
      { name: '1,400-byte replies: net-snmp package', value: netSnmp, unit: '' },
      { name: '1,400-byte replies: Faultline to net-snmp', value: ratio, unit: 'times' },
    ]
  } finally {
    await responder.close()
  }
}

async function peers(): Promise<Section> {
  const elements = Math.min(300, maxElements())
  const small = await besideNetSnmpInSmall(elements)
  const load = { ...peerLoad, capBytes: 12_000 }
  const responder = await startResponder({ kind: 'snmp', ...load }, load)
  try {
    // As many rows as fit into 12 KB.
    const { ours, netSnmp, ratio } = await besideNetSnmp(responder, elements, 48)
    const exporter = await costOfSnmpExporter(responder, elements)
    const figures: Figure[] = [
      { name: 'Faultline, varbinds per CPU second', value: ours, unit: '' },
      { name: 'net-snmp package, varbinds per CPU second', value: netSnmp, unit: '' },
      { name: 'Faultline to net-snmp', value: ratio, unit: 'times', goal: { atLeast: 3 } },
      ...small,
    ]
    if (exporter !== undefined)
      figures.push(
        { name: 'snmp_exporter, varbinds per CPU second', value: perCpuSecond(exporter), unit: '' },
        {
          name: 'Faultline to snmp_exporter',
          value: ours / perCpuSecond(exporter),
          unit: 'times',
          goal: { atLeast: 20 },
        },
      )
    return {
      title: 'SNMP v2c: peers on the same agent, back to back',
      figures,
      notes: [
        `In turn, each after ${warmPolls.toLocaleString('en')} polls, median of five.`,
        'net-snmp: getBulk alone, ten columns, without rates or scheduler; Faultline: the complete engine.',
        ...(exporter === undefined
          ? ['*** NOT MEASURED: snmp_exporter is not installed (Debian: prometheus-snmp-exporter).']
          : []),
      ],
    }
  } finally {
    await responder.close()
  }
}

const v3User = {
  version: '3',
  user: 'bench',
  auth: { protocol: 'sha256', password: 'authpassword' },
  priv: { protocol: 'aes', password: 'privpassword' },
} as const

/** What a real snmpd costs us by v2c and by v3: small GETs, and whole polls. */
async function v3(): Promise<Section> {
  await using agent = await startSnmpd({
    name: 'bench',
    config: ['createUser bench SHA-256 authpassword AES privpassword', 'rouser bench priv'],
  })
  const at = { port: agent.port, acceptFrom: [] }
  const accesses = {
    v2c: { ...at, version: '2c', community: 'test' },
    v3: { ...at, ...v3User },
  } as const
  type Version = keyof typeof accesses

  /** Of two values, twenty at a time. */
  const costOfGets = async (version: Version) => {
    const client = await createSnmpClient({ ...probeDeps(), onStranger() {} })
    const agents = Array.from({ length: 100 }, () =>
      client.agent({ ...settings, address: agent.address, access: accesses[version], onRefused() {} }),
    )
    const { signal } = new AbortController()
    const oids = ['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.1.5.0']
    const gets = async (count: number) => {
      let begun = 0
      const work = async () => {
        for (let i = begun++; i < count; i = begun++)
          await agents[i % agents.length]?.poll(signal, (requests) => requests.get(oids))
      }
      await Promise.all(Array.from({ length: 20 }, work))
    }
    await gets(warmPolls)
    const before = ownCpu()
    await gets(warmPolls)
    const ms = (ownCpu() - before) * 1_000
    await client.close()
    return ms / warmPolls
  }

  const costOfPolls = async (version: Version) => {
    const targets = Array.from(
      { length: 100 },
      (_, n): Target => ({
        element: `e${n}`,
        address: agent.address,
        icmp: false,
        snmp: accesses[version],
        speedOverrides: {},
      }),
    )
    const engine = startEngine(await createSnmpProbe(settings, probeDeps()), 3_600_000, targets)
    const round = () => engine.scheduler.pollNow(elementsOf(targets))
    for (let i = 0; i < 50; i++) await round()
    const before = { cpu: ownCpu(), counts: engine.counts() }
    for (let i = 0; i < 50; i++) await round()
    const counts = since(before.counts, engine.counts())
    const ms = (ownCpu() - before.cpu) * 1_000
    await engine.stop()
    return { perRequest: ms / counts.requests, answered: counts.answered }
  }

  const gets = { v2c: await costOfGets('v2c'), v3: await costOfGets('v3') }
  const polls = { v2c: await costOfPolls('v2c'), v3: await costOfPolls('v3') }
  const unitOf = (version: Version) => `ms (${polls[version].answered} polls answered)`
  return {
    title: 'SNMP v3 (SHA-256, AES-128) against snmpd',
    figures: [
      { name: 'CPU a GET of two values, v2c', value: gets.v2c, unit: 'ms' },
      { name: 'CPU a GET of two values, v3 authPriv', value: gets.v3, unit: 'ms', goal: { atMost: 0.1 } },
      { name: 'CPU a request of whole polls, v2c', value: polls.v2c.perRequest, unit: unitOf('v2c') },
      { name: 'CPU a request of whole polls, v3 authPriv', value: polls.v3.perRequest, unit: unitOf('v3') },
    ],
    notes: [
      'Whole polls are of an agent with few interfaces, with scheduler, rates and the way to the main thread.',
    ],
  }
}

const threadCpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Keys of many users, and of many engines of one user; on the thread that polls, so it must not be held up. */
async function v3Keys(): Promise<Section> {
  const users = 200
  const engines = 10_000
  const usual = { auth: 'sha512', priv: 'aes256' } as const
  const passwords = createPasswordKeys()

  // CPU time from turn to turn, so that other work on this machine does not count.
  const holds: number[] = []
  let isDone = false
  const watch = async () => {
    for (let last = threadCpuMs(); !isDone; last = threadCpuMs()) {
      await nextTurn()
      holds.push(threadCpuMs() - last)
    }
  }
  const watched = watch()
  let before = ownCpu()
  await Promise.all(Array.from({ length: users }, (_, n) => passwords.key(usual.auth, `password ${n}`)))
  const digests = ownCpu() - before
  isDone = true
  await watched

  const pdu = { type: pduTags.getBulk, names: [oidRange('1.3.6.1.2.1.2.2.1.8')], maxRepetitions: 25 } as const
  const access = {
    version: '3',
    user: 'bench',
    auth: { protocol: usual.auth, password: 'password 0' },
    priv: { protocol: usual.priv, password: 'password 1' },
    port: 161,
    acceptFrom: [],
  } as const
  const made = Array.from({ length: engines }, (_, n) => {
    const id = (0x8000_1f88_8000_0000_00n + BigInt(n)).toString(16)
    const known = { id, boots: 1, time: 1, at: Date.now() }
    return createUsmSecurity(access, { passwords, now: Date.now, known })
  })
  await Promise.all(made.map((security) => security.prepare()))
  const firsts: number[] = []
  const messages = (costs: number[]) => {
    for (const security of made) {
      const since = threadCpuMs()
      security.message(pdu, 0x0100_0000)
      costs.push(threadCpuMs() - since)
    }
  }
  before = ownCpu()
  messages(firsts)
  const first = ownCpu() - before
  before = ownCpu()
  messages([])
  const localising = first - (ownCpu() - before)
  return {
    title: 'SNMP v3 keys (SHA-512, AES-256)',
    figures: [
      { name: 'CPU for the keys of one pass phrase', value: (digests / users) * 1_000, unit: 'ms' },
      {
        name: `CPU at a stretch while those of ${users} are made at once, p99.9`,
        value: percentile(holds, 99.9),
        unit: `ms (largest ${Math.max(...holds).toFixed(1)}, of ${holds.length})`,
        goal: { atMost: 10 },
      },
      {
        name: `CPU for the keys of ${engines.toLocaleString('en')} engines`,
        value: localising,
        unit: 's',
        goal: { atMost: 0.5 },
      },
      {
        name: 'CPU for one of these and its first message, p99.9',
        value: percentile(firsts, 99.9),
        unit: `ms (largest ${Math.max(...firsts).toFixed(1)})`,
        goal: { atMost: 10 },
      },
    ],
    notes: ['Keys of an engine are made when it is first asked, so they come with the phases of the polls.'],
  }
}

const own = { elements: 1_000, interfaces: 48, cap: 12_000, delay: 0, dead: 0, interval: 4, cycles: 2 }
const names = Object.keys(own) as (keyof typeof own)[]

/** The run that the options ask for; undefined when they ask for none. */
function ownLoad(args: readonly string[]): Load | undefined {
  const option = (name: keyof typeof own) => numberOption(args, name, own[name])
  if (!names.some((name) => args.some((arg) => arg.startsWith(`--${name}=`)))) return undefined
  return {
    elements: option('elements'),
    interfaces: option('interfaces'),
    capBytes: option('cap'),
    delayMs: option('delay'),
    deadPercent: option('dead'),
    intervalMs: option('interval') * 1_000,
    cycles: option('cycles'),
  }
}

async function loads(args: readonly string[]): Promise<readonly Section[]> {
  const asked = ownLoad(args)
  if (asked !== undefined) {
    const elements = Math.min(asked.elements, maxElements())
    return [await section(`SNMP v2c: ${elements} elements × ${asked.interfaces} interfaces`, asked)]
  }
  const usual = { elements: 1_000, interfaces: 48, cycles: 3 }
  const large = { ...usual, intervalMs: 4_000, capBytes: 12_000, delayMs: 0, deadPercent: 0 }
  // As many polls a second as 10,000 elements need in a minute.
  const small = { ...usual, intervalMs: 6_000, capBytes: 1_400, delayMs: 20, deadPercent: 10 }
  return [
    await section('SNMP v2c: large replies', large),
    await section('SNMP v2c: small replies, slow agents, one in ten dead', small),
  ]
}

const parts = {
  loads,
  v3: async () => [await v3(), await v3Keys()],
  peers: async () => [await peers()],
}
type Part = keyof typeof parts
const isPart = (name: unknown): name is Part => typeof name === 'string' && name in parts

/** The part that the options ask for; undefined when they ask for none. */
function askedPart(args: readonly string[]): Part | undefined {
  const name = args.find((arg) => arg.startsWith('--part='))?.slice('--part='.length)
  if (name !== undefined && !isPart(name))
    throw new Error(`--part: not one of ${Object.keys(parts)}: ${name}`)
  return name
}

/** Runs a part of the benchmark in a thread of its own. */
async function inThread(part: Part, args: readonly string[], limits: ResourceLimits) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { part, args }, resourceLimits: limits })
  const [sections] = await once(worker, 'message')
  return sections as readonly Section[]
}

if (isMainThread) {
  const args = process.argv.slice(2)
  const asked = ownLoad(args) === undefined ? askedPart(args) : 'loads'
  const sections: Section[] = []
  // As the polling thread is; the peers, and we beside them, as any program is.
  for (const part of asked === undefined ? (['loads', 'v3', 'peers'] as const) : [asked])
    sections.push(...(await inThread(part, args, part === 'peers' ? {} : pollThreadLimits)))
  printSections('collect', sections, args)
} else {
  const { part, args }: { part: Part; args: readonly string[] } = workerData
  parentPort?.postMessage(await parts[part](args))
}
