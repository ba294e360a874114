import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReportDeps, ReportRequest } from '../../src/commands/report-request.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { ManualClock } from './manual-clock.ts'
import { createMemoryStore } from './memory-store.ts'

/** The cells of a record of RFC 4180. */
export const cellsOf = (line: string): readonly string[] =>
  [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare = '']) =>
    quoted === undefined ? bare : quoted.replaceAll('""', '"'),
  )

/** An address that nobody listens on. */
export async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : ''
}

interface Asked<Request> {
  /** Where the daemon of the configuration listens. */
  readonly listen: string
  readonly request: Request
  /** What it reads where no daemon listens. */
  readonly store?: Pick<SampleStore, 'query' | 'columns'>
  readonly token?: string
  /** More of the configuration. */
  readonly config?: string
}

/** Runs `faultline report …` at noon of 2026-03-01 on a configuration of its own, and tells what it said. */
export async function runReportCommand<Request extends Omit<ReportRequest, 'config'>>(
  command: (request: Request & { config: string }, deps: ReportDeps) => Promise<number>,
  { listen, request, store = createMemoryStore(), token, config: more = '' }: Asked<Request>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-report-'))
  const config = join(folder, 'faultline.yaml')
  await writeFile(
    config,
    `server: { listen: "${listen}" }\nelements: [{ id: agg1 }]\npeak: { timeZone: Asia/Shanghai }\n${more}`,
  )
  const said: string[] = []
  const complained: string[] = []
  let closed = 0
  const sampleStore: SampleStore = {
    kind: 'embedded',
    query: store.query,
    columns: store.columns,
    writeLines: async () => ({ written: 0, refused: 0 }),
    write: async () => ({ written: 0, refused: 0 }),
    prepare: async () => undefined,
    ping: async () => {},
    close: async () => {
      closed++
    },
  }
  const code = await command(
    { ...request, config },
    {
      env: token === undefined ? {} : { FAULTLINE_TOKEN: token },
      clock: new ManualClock('2026-03-01T12:00:00Z'),
      terminal: { out: (text) => said.push(text), error: (text) => complained.push(text) },
      openStore: async () => sampleStore,
    },
  )
  await rm(folder, { recursive: true })
  return { code, said: said.join('\n'), complained: complained.join('\n'), closed }
}
