// ICMP echo: 10,000 loopback targets, five packets each in ten seconds. Options: --targets; --engine=socket, fping or ping
// (else the best that may run here); --forms (what the ways to run fping cost, instead); --json, --json=FILE.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { echoEngines } from '../src/collect/icmp/find-engine.ts'
import { createIcmpProbe } from '../src/collect/icmp/icmp-probe.ts'
import type { Reading } from '../src/model/reading.ts'
import { exchanges, hasTcpdump, ipv4, rttErrors, startCapture } from './capture.ts'
import { canHaveFarNetwork, farAddressOf, startFarNetwork } from './echo-network.ts'
import { probeDeps, since, startEngine } from './engine.ts'
import { type Figure, numberOption, percentile, printSections, type Section } from './figures.ts'
import { costOfBlackboxExporter } from './peers.ts'
import { ownCpu, programsCpu } from './process-cost.ts'
import { addressOf } from './responder.ts'
import { startSnmpLoad } from './snmp-load.ts'
import { icmpTargets } from './traffic.ts'

const args = process.argv.slice(2)
const targets = numberOption(args, 'targets', 10_000)
const intervalMs = 10_000
const engineWanted = args.find((arg) => arg.startsWith('--engine='))?.slice('--engine='.length)
const settings = {
  count: 5,
  timeoutMs: 1_000,
  spacingMs: 200,
  engine: echoEngines.find((name) => name === engineWanted) ?? 'auto',
} as const

/** Echo requests and replies of IPv4, without options. */
function readEcho(packet: Buffer) {
  const type = packet[20]
  if (type !== 0 && type !== 8) return undefined
  const isRequest = type === 8
  return { element: ipv4(packet, isRequest ? 16 : 12), key: packet.toString('hex', 24, 28), isRequest }
}

/** CPU seconds of one fping, with our part in reading it, and what it lost. */
async function costOfFping(options: readonly string[], addresses: readonly string[], endAfterMs?: number) {
  const before = ownCpu() + programsCpu()
  const child = spawn('fping', options, { stdio: ['pipe', 'pipe', 'pipe'] })
  let chunks = 0
  for (const output of [child.stdout, child.stderr]) output.on('data', () => chunks++)
  child.stdin.end(`${addresses.join('\n')}\n`)
  const closed = once(child, 'close')
  if (endAfterMs !== undefined) {
    await setTimeout(endAfterMs)
    child.kill('SIGKILL')
  }
  await closed
  return { cpuSeconds: ownCpu() + programsCpu() - before, chunks }
}

/** The ways to run fping, on 1,000 addresses with five packets each. */
async function forms(): Promise<Section> {
  const addresses = Array.from({ length: 1_000 }, (_, n) => addressOf(n))
  const five = ['-p200', '-t1000']
  const ways: readonly (readonly [name: string, options: readonly string[], endAfterMs?: number])[] = [
    [
      '-C5 -q, a packet every 0.1 ms (what the probe runs when fping is its engine)',
      ['-C5', '-q', '-i0.1', ...five],
    ],
    ['-C5 -q, a packet every 1 ms', ['-C5', '-q', '-i1', '-p1000', '-t1000']],
    ['-C5 -q, without pause', ['-C5', '-q', '-i0', ...five]],
    ['-C5, a line for each packet', ['-C5', '-i0.1', ...five]],
    ['-l, a line for each packet, for ever', ['-l', '-i0.1', ...five], 1_000],
    ['-l -Q1, a summary each second, for ever', ['-l', '-Q1', '-i0.1', ...five], 1_000],
  ]
  const figures: Figure[] = []
  for (const [name, options, endAfterMs] of ways) {
    const costs: number[] = []
    for (let i = 0; i < 3; i++) costs.push((await costOfFping(options, addresses, endAfterMs)).cpuSeconds / 5)
    figures.push({ name: `fping ${name}`, value: percentile(costs, 50), unit: 'CPU s for 1,000 echoes' })
  }
  return {
    title: 'The ways to run fping',
    figures,
    notes: ['Median of three; reading the pipes is included, parsing is not.'],
  }
}

const lostOf = (reading: Reading): number =>
  reading.probe === 'snmp' ? 0 : (reading.burst?.rttsMs.filter((rtt) => rtt === null).length ?? 0)

async function cost(): Promise<Section> {
  const probe = await createIcmpProbe(settings, probeDeps())
  const bursts: Reading[] = []
  const engine = startEngine(probe, intervalMs, icmpTargets(targets), (reading) => bursts.push(reading))
  engine.scheduler.start()
  await setTimeout(intervalMs)
  const before = { cpu: ownCpu() + programsCpu(), own: ownCpu(), counts: engine.counts() }
  const from = bursts.length
  await setTimeout(intervalMs)
  const cpu = ownCpu() + programsCpu() - before.cpu
  const own = ownCpu() - before.own
  const counts = since(before.counts, engine.counts())
  const lost = bursts.slice(from).reduce((sum, reading) => sum + lostOf(reading), 0)
  const echoes = counts.answered * settings.count
  await engine.stop()
  const alone = await costOfFping(
    ['-C5', '-q', '-i0.1', '-p200', '-t1000'],
    Array.from({ length: 1_000 }, (_, n) => addressOf(n)),
  )
  const peers = Math.min(targets, 500)
  const blackbox = await costOfBlackboxExporter(Array.from({ length: peers }, (_, n) => addressOf(n)))
  return {
    title: `ICMP: ${targets} targets, five echoes in ten seconds`,
    figures: [
      {
        name: 'CPU for 1,000 echoes, the sender and we',
        value: (cpu / echoes) * 1_000,
        unit: 's',
        goal: { atMost: 0.02 },
      },
      { name: 'of which our own process', value: (own / echoes) * 1_000, unit: 's' },
      {
        name: 'fping alone, -C5 -q -i0.1',
        value: alone.cpuSeconds / 5,
        unit: 's (1,000 targets, outputs read)',
      },
      ...(blackbox === undefined
        ? []
        : [{ name: 'blackbox_exporter, one echo each', value: (blackbox / peers) * 1_000, unit: 's' }]),
      { name: 'bursts answered', value: counts.answered, unit: `of ${targets}` },
      { name: 'echoes lost', value: lost, unit: `of ${echoes}`, goal: { atMost: 0 } },
      { name: 'late polls', value: counts.late, unit: '', goal: { atMost: 0 } },
    ],
    notes: [
      probe.engine,
      ...(blackbox === undefined
        ? ['blackbox_exporter is not installed (Debian: prometheus-blackbox-exporter).']
        : []),
    ],
  }
}

/** Whether something is lost to ourselves: elements that are 20 ms away, while other programs want all of the CPU. */
async function loss(): Promise<Section> {
  const delayMs = 20
  const stopNetwork = await startFarNetwork(delayMs)
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  const bursts: Reading[] = []
  const probe = await createIcmpProbe({ ...settings, timeoutMs: 2_000 }, probeDeps())
  const far = Array.from({ length: targets }, (_, n) => ({
    element: `e${n}`,
    address: farAddressOf(n),
    icmp: true,
    speedOverrides: {},
  }))
  const engine = startEngine(probe, intervalMs, far, (reading) => bursts.push(reading))
  engine.scheduler.start()
  await setTimeout(2 * intervalMs)
  const counts = engine.counts()
  await engine.stop()
  for (const program of busy) program.kill('SIGKILL')
  await stopNetwork()
  const sent = (reading: Reading) => (reading.probe === 'snmp' ? 0 : (reading.burst?.sent ?? 0))
  const unknown = bursts.reduce((sum, reading) => sum + settings.count - sent(reading), 0)
  return {
    title: `ICMP: ${targets} elements ${delayMs} ms away, ${busy.length} busy programs beside us`,
    figures: [
      { name: 'bursts', value: bursts.length, unit: 'in twenty seconds, the first ten to begin' },
      { name: 'echoes not sent, or without room here', value: unknown, unit: '', goal: { atMost: 0 } },
      {
        name: 'echoes lost',
        value: bursts.reduce((sum, reading) => sum + lostOf(reading), 0),
        unit: '',
        goal: { atMost: 0 },
      },
      { name: 'late polls', value: counts.late, unit: '', goal: { atMost: 0 } },
    ],
    notes: [probe.engine],
  }
}

async function accuracy(): Promise<Section> {
  const stopSnmp = await startSnmpLoad()
  const readings: Reading[] = []
  const probe = await createIcmpProbe(settings, probeDeps())
  const icmp = startEngine(probe, intervalMs, icmpTargets(targets), (reading) => readings.push(reading))
  const stopCapture = await startCapture('icmp')
  icmp.scheduler.start()
  await setTimeout(intervalMs + 2_000)
  await icmp.stop()
  const captured = exchanges(await stopCapture(), readEcho)
  const polls = await stopSnmp()

  const errors = readings.flatMap((reading) => {
    if (reading.probe === 'snmp' || reading.burst === undefined) return []
    const { at: from, durationMs, burst } = reading
    const address = addressOf(Number(reading.element.slice(1)))
    return rttErrors({ from, until: from + durationMs, rttsMs: burst.rttsMs }, captured.get(address))
  })
  return {
    title: 'ICMP: round trips against a packet capture, while SNMP polls at full rate',
    figures: [
      { name: 'error of the round trip, p50', value: percentile(errors, 50), unit: 'ms' },
      {
        name: 'error of the round trip, p99',
        value: percentile(errors, 99),
        unit: 'ms',
        goal: { atMost: 0.5 },
      },
      { name: 'error of the round trip, largest', value: percentile(errors, 100), unit: 'ms' },
      { name: 'echoes compared', value: errors.length, unit: '' },
      ...polls,
    ],
  }
}

const sections: Section[] = []
if (args.includes('--forms')) sections.push(await forms())
else {
  sections.push(await cost())
  if (canHaveFarNetwork()) sections.push(await loss())
  if (hasTcpdump()) sections.push(await accuracy())
  else console.log('No packet capture: that needs root, Linux and tcpdump.')
}
printSections('icmp', sections, args)
