// SNMP: what polling costs. Options: --elements, --interfaces, --cap, --delay, --dead, --interval (s), --cycles for one
// run of your own; without any of them the usual runs, and the peers beside them. --json, --json=FILE.
import { setTimeout } from 'node:timers/promises'
import { createSnmpProbe } from '../src/collect/snmp/snmp-probe.ts'
import type { Target } from '../src/model/target.ts'
import { startSnmpd } from '../test/support/snmpd.ts'
import { type Counts, probeDeps, since, startEngine } from './engine.ts'
import { type Figure, numberOption, printSections, type Section } from './figures.ts'
import { costOfNetSnmp, costOfSnmpExporter } from './peers.ts'
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
  /** Intervals that are measured, after two that are not. */
  readonly cycles: number
}

interface Measured {
  readonly cpuSeconds: number
  readonly varbinds: number
  readonly requests: number
  readonly rcvbufErrors: number
  readonly counts: Counts
  readonly fds: number
  readonly rssMegabytes: number
}

const settings = { timeoutMs: 1_000, retries: 1 }

async function measure(load: Load, responder: Responder): Promise<Measured> {
  const probe = await createSnmpProbe(settings, probeDeps())
  const engine = startEngine(probe, load.intervalMs, snmpTargets(load.elements, responder))
  engine.scheduler.start()
  // The first interval learns the agents and warms the code, the second makes the first rates.
  await setTimeout(2 * load.intervalMs)
  const before = {
    ...(await responder.stats()),
    counts: engine.counts(),
    errors: receiveBufferErrors(),
    cpu: ownCpu(),
  }
  await setTimeout(load.cycles * load.intervalMs)
  const cpu = ownCpu()
  const after = { ...(await responder.stats()), counts: engine.counts(), errors: receiveBufferErrors() }
  const fds = fileDescriptors()
  const rssMegabytes = process.memoryUsage.rss() / 2 ** 20
  await engine.stop()
  return {
    cpuSeconds: cpu - before.cpu,
    varbinds: after.varbinds - before.varbinds,
    requests: after.requests - before.requests,
    rcvbufErrors: after.errors - before.errors,
    counts: since(before.counts, after.counts),
    fds,
    rssMegabytes,
  }
}

const perCpuSecond = ({ varbinds, cpuSeconds }: { varbinds: number; cpuSeconds: number }) =>
  varbinds / cpuSeconds

/** Polls in the measured time, of elements that answer. */
const livingPolls = ({ elements, deadPercent, cycles }: Load) => elements * cycles * (1 - deadPercent / 100)

function figuresOf(load: Load, measured: Measured): readonly Figure[] {
  const { counts, varbinds, requests } = measured
  const small = varbinds / requests < 100
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
    { name: 'memory (RSS)', value: measured.rssMegabytes, unit: 'MB', goal: { atMost: 400 } },
    { name: 'file descriptors', value: measured.fds, unit: '', goal: { atMost: 32 } },
    { name: 'replies lost to our buffers', value: measured.rcvbufErrors, unit: '', goal: { atMost: 0 } },
    { name: 'late polls', value: counts.late, unit: '', goal: { atMost: 0 } },
    {
      name: 'living elements that did not answer',
      value: Math.max(0, Math.round(livingPolls(load)) - counts.answered),
      unit: `of ${Math.round(livingPolls(load))}; ${counts.timedOut} polls timed out`,
    },
    { name: 'samples', value: counts.samples, unit: '' },
  ]
}

async function section(
  title: string,
  load: Load,
): Promise<{ readonly section: Section; readonly measured: Measured }> {
  const elements = Math.min(load.elements, maxElements())
  const responder = await startResponder({ kind: 'snmp', ...load }, load)
  try {
    const measured = await measure({ ...load, elements }, responder)
    const notes = [responder.description]
    return { measured, section: { title, figures: figuresOf({ ...load, elements }, measured), notes } }
  } finally {
    await responder.close()
  }
}

async function peers(own: Measured): Promise<Section> {
  const load = { interfaces: 48, capBytes: 12_000, delayMs: 0, deadPercent: 0 }
  const responder = await startResponder({ kind: 'snmp', ...load }, load)
  try {
    const ours = perCpuSecond(own)
    const elements = Math.min(300, maxElements())
    const netSnmp = await costOfNetSnmp(responder, { elements, interfaces: 48, rounds: 4 })
    const exporter = await costOfSnmpExporter(responder, elements)
    const figures: Figure[] = [
      { name: 'net-snmp package, varbinds per CPU second', value: perCpuSecond(netSnmp), unit: '' },
      {
        name: 'Faultline to net-snmp',
        value: ours / perCpuSecond(netSnmp),
        unit: 'times',
        goal: { atLeast: 3 },
      },
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
      title: 'SNMP v2c: peers on the same agent',
      figures,
      notes: [
        'net-snmp: getBulk alone, ten columns, without rates or scheduler; Faultline: the complete engine.',
        ...(exporter === undefined
          ? ['snmp_exporter is not installed (Debian: prometheus-snmp-exporter).']
          : []),
      ],
    }
  } finally {
    await responder.close()
  }
}

/** CPU for one request of polls of a real snmpd, by v2c and by v3 in turn. */
async function v3(): Promise<Section> {
  const elements = 100
  await using agent = await startSnmpd({
    name: 'bench',
    config: ['createUser bench SHA-256 authpassword AES privpassword', 'rouser bench priv'],
  })
  const target = { address: agent.address, icmp: false, speedOverrides: {} }
  const at = { port: agent.port, acceptFrom: [] }
  const accesses = {
    v2c: { ...at, version: '2c', community: 'test' },
    v3: {
      ...at,
      version: '3',
      user: 'bench',
      auth: { protocol: 'sha256', password: 'authpassword' },
      priv: { protocol: 'aes', password: 'privpassword' },
    },
  } as const
  const cost = async (version: keyof typeof accesses) => {
    const targets = Array.from(
      { length: elements },
      (_, n): Target => ({ ...target, element: `e${n}`, snmp: accesses[version] }),
    )
    const engine = startEngine(await createSnmpProbe(settings, probeDeps()), 3_600_000, targets)
    const round = () => engine.scheduler.pollNow(targets.map(({ element }) => element))
    for (let i = 0; i < 3; i++) await round()
    const before = { cpu: ownCpu(), counts: engine.counts() }
    for (let i = 0; i < 10; i++) await round()
    const counts = since(before.counts, engine.counts())
    const ms = (ownCpu() - before.cpu) * 1_000
    await engine.stop()
    return { perRequest: ms / counts.requests, answered: counts.answered }
  }
  const plain = await cost('v2c')
  const secure = await cost('v3')
  return {
    title: 'SNMP v3 (SHA-256, AES-128) against snmpd',
    figures: [
      { name: 'CPU a request, v2c', value: plain.perRequest, unit: `ms (${plain.answered} polls answered)` },
      {
        name: 'CPU a request, v3 authPriv',
        value: secure.perRequest,
        unit: `ms (${secure.answered} polls answered)`,
        goal: { atMost: 0.1 },
      },
    ],
    notes: ['Whole polls of an agent with few interfaces, divided by their requests.'],
  }
}

const args = process.argv.slice(2)
const own = { elements: 1_000, interfaces: 48, cap: 12_000, delay: 0, dead: 0, interval: 4, cycles: 2 }
const names = Object.keys(own) as (keyof typeof own)[]
const option = (name: keyof typeof own) => numberOption(args, name, own[name])
if (names.some((name) => args.some((arg) => arg.startsWith(`--${name}=`)))) {
  const load: Load = {
    elements: option('elements'),
    interfaces: option('interfaces'),
    capBytes: option('cap'),
    delayMs: option('delay'),
    deadPercent: option('dead'),
    intervalMs: option('interval') * 1_000,
    cycles: option('cycles'),
  }
  const title = `SNMP v2c: ${Math.min(load.elements, maxElements())} elements × ${load.interfaces} interfaces`
  printSections('collect', [(await section(title, load)).section], args)
} else {
  const usual = { elements: 1_000, interfaces: 48, intervalMs: 4_000, cycles: 2 }
  const large = await section('SNMP v2c: large replies', {
    ...usual,
    capBytes: 12_000,
    delayMs: 0,
    deadPercent: 0,
  })
  const small = await section('SNMP v2c: small replies, slow agents, one in ten dead', {
    ...usual,
    // As many polls a second as 10,000 elements need in a minute.
    intervalMs: 6_000,
    capBytes: 1_400,
    delayMs: 20,
    deadPercent: 10,
  })
  printSections('collect', [large.section, small.section, await peers(large.measured), await v3()], args)
}
