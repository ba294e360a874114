import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSession, Version2c } from 'net-snmp'
import { cpuOf } from './process-cost.ts'
import type { Responder } from './responder.ts'

/** What all peers are asked for: five columns of ifTable and five of ifXTable, four of them with 64 bits. */
const columns = [
  ...[2, 7, 8, 14, 20].map((column) => `1.3.6.1.2.1.2.2.1.${column}`),
  ...[1, 6, 7, 10, 11].map((column) => `1.3.6.1.2.1.31.1.1.1.${column}`),
]

export interface PeerCost {
  readonly cpuSeconds: number
  readonly elements: number
  readonly varbinds: number
}

/** Runs jobs with at most so many at a time. */
async function inParallel(jobs: Iterable<() => Promise<void>>, width: number): Promise<void> {
  const waiting = jobs[Symbol.iterator]()
  const work = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await next.value()
  }
  await Promise.all(Array.from({ length: width }, work))
}

/** Polls all elements once, again and again. */
export interface PeerRounds {
  round(): Promise<void>
  close(): void
}

/** The `net-snmp` package, as cheaply as it can: a session for each element, ten columns in one GETBULK. */
export function startNetSnmp(
  responder: Responder,
  {
    elements,
    interfaces,
    repetitions,
  }: {
    readonly elements: number
    readonly interfaces: number
    /** Rows that it asks for: no more than the responder puts into a message. */
    readonly repetitions: number
  },
): PeerRounds {
  const sessions = Array.from({ length: elements }, (_, n) => {
    const { address, port } = responder.at(n)
    return createSession(address, 'bench', { version: Version2c, port, timeout: 2_000, retries: 1 })
  })
  const poll = (n: number) => async () => {
    for (let row = 0; row < interfaces; ) {
      const oids = columns.map((column) => (row === 0 ? column : `${column}.${row}`))
      const wanted = Math.min(repetitions, interfaces - row)
      const got = await new Promise<number>((resolve, reject) =>
        sessions[n]?.getBulk(oids, 0, wanted, (error, table) => {
          const [first] = table ?? []
          if (error) reject(error)
          else resolve(Array.isArray(first) ? first.length : 0)
        }),
      )
      if (got === 0) return
      row += got
    }
  }
  return {
    round: () => inParallel(Array.from({ length: elements }, (_, n) => poll(n)).values(), 50),
    close() {
      for (const session of sessions) session.close()
    },
  }
}

const isInstalled = (program: string) => spawnSync(program, ['--version']).error === undefined

async function untilAnswers(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    if (tries > 100) throw new Error(`no answer from ${url}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** An exporter of Prometheus on a port of its own, asked about targets one by one. */
async function costOfExporter(
  program: string,
  config: string,
  port: number,
  paths: readonly string[],
  { width, mustHold }: { readonly width: number; readonly mustHold: string },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-exporter-'))
  const file = join(folder, 'config.yml')
  writeFileSync(file, config)
  const child = spawn(program, [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  try {
    const base = `http://127.0.0.1:${port}`
    await untilAnswers(`${base}/metrics`)
    const before = cpuOf(child.pid ?? 0)
    const ask = (path: string) => async () => {
      const text = await (await fetch(`${base}${path}`)).text()
      if (!text.includes(mustHold)) throw new Error(`${program} gave no result: ${text.slice(0, 300)}`)
    }
    await inParallel(paths.map(ask).values(), width)
    return cpuOf(child.pid ?? 0) - before
  } finally {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true })
  }
}

const snmpExporterConfig = (columns: readonly string[]) =>
  [
    'bench:',
    '  walk:',
    ...columns.map((oid) => `  - ${oid}`),
    '  metrics:',
    ...columns.flatMap((oid, i) => [
      `  - name: column${i}`,
      `    oid: ${oid}`,
      '    type: counter',
      '    indexes:',
      '    - labelname: ifIndex',
      '      type: gauge',
    ]),
    '  version: 2',
    '  max_repetitions: 50',
    '  auth:',
    '    community: bench',
    '',
  ].join('\n')

/** Undefined when it is not installed (Debian: prometheus-snmp-exporter; configuration format of 0.21). */
export async function costOfSnmpExporter(
  responder: Responder,
  elements: number,
): Promise<PeerCost | undefined> {
  const program = 'prometheus-snmp-exporter'
  if (!isInstalled(program)) return undefined
  // Text columns are left out: its metrics are numbers.
  const numbers = columns.filter((oid) => !/2\.2\.1\.2$|31\.1\.1\.1\.1$/.test(oid))
  const before = await responder.stats()
  const paths = Array.from({ length: elements }, (_, n) => {
    const { address, port } = responder.at(n)
    return `/snmp?module=bench&target=${address}:${port}`
  })
  const cpuSeconds = await costOfExporter(program, snmpExporterConfig(numbers), 29_116, paths, {
    width: 10,
    mustHold: 'column7{',
  })
  return { cpuSeconds, elements, varbinds: (await responder.stats()).varbinds - before.varbinds }
}

/** CPU seconds for one echo to each address. Undefined when it is not installed (prometheus-blackbox-exporter). */
export async function costOfBlackboxExporter(addresses: readonly string[]): Promise<number | undefined> {
  const program = 'prometheus-blackbox-exporter'
  if (!isInstalled(program)) return undefined
  const config =
    'modules:\n  icmp:\n    prober: icmp\n    timeout: 2s\n    icmp:\n      preferred_ip_protocol: ip4\n'
  const paths = addresses.map((address) => `/probe?module=icmp&target=${address}`)
  return costOfExporter(program, config, 29_115, paths, { width: 50, mustHold: 'probe_success 1' })
}
