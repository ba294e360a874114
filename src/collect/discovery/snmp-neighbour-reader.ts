import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import { BulkPace } from '../snmp/bulk-pace.ts'
import { tags } from '../snmp/codec/tags.ts'
import { bytesOf, isAbsent, numberOf, oidOf, type Varbind } from '../snmp/codec/varbind.ts'
import { readColumns } from '../snmp/read-columns.ts'
import { createSnmpClient } from '../snmp/snmp-client.ts'
import { SnmpFailure } from '../snmp/snmp-failure.ts'
import type { Requests } from '../snmp/snmp-session.ts'
import type { OpenNeighbourReader, SeenElement } from './neighbour-reader.ts'
import {
  addressColumns,
  type Cells,
  type CellValue,
  cdpColumns,
  cdpNeighbours,
  chassisOf,
  lldpNeighbours,
  localColumns,
  portColumns,
  portsIn,
  remoteColumns,
  scalars,
  textOf,
} from './neighbour-tables.ts'

export interface SnmpNeighbourReaderSettings {
  /** For each attempt. */
  readonly timeoutMs: number
  readonly retries: number
}

export interface SnmpNeighbourReaderDeps {
  readonly clock: Clock
  readonly log: Logger
}

/** More rows than this are taken for a table without end. */
const maxRows = 10_000
/** An agent that answers row by row, as slowly as it may, is left after this. */
const longestMs = 60_000

/** Asks agents by SNMP for what they tell of themselves and of their neighbours, with the codec that polls them. */
export async function createSnmpNeighbourReader(
  settings: SnmpNeighbourReaderSettings,
  { clock, log }: SnmpNeighbourReaderDeps,
): Promise<OpenNeighbourReader> {
  const client = await createSnmpClient({
    clock,
    log,
    onStranger: (reason, from) => log.debug({ reason, from }, 'snmp packet refused'),
  })
  return {
    async read(address, access, stop) {
      const agent = client.agent({
        ...settings,
        address,
        access,
        onRefused: (reason, from) => log.debug({ address, reason, from }, 'snmp packet refused'),
      })
      const signal = AbortSignal.any([stop, AbortSignal.timeout(longestMs)])
      try {
        return { outcome: 'answered', element: await agent.poll(signal, readElement) }
      } catch (error) {
        if (!(error instanceof SnmpFailure)) throw error
        const { outcome, message: problem } = agent.explain(error)
        return { outcome: outcome === 'refused' ? 'refused' : 'silent', problem }
      } finally {
        agent.close()
      }
    },
    close: client.close,
  }
}

async function readElement(requests: Requests): Promise<SeenElement> {
  const told = await readScalars(requests)
  const tables = new Map<string, Cells>()
  // Most tables of most agents are short or missing, and each is read once: no more is asked for than a message holds.
  for (const columns of [portColumns, localColumns, remoteColumns, addressColumns, cdpColumns]) {
    const pace = new BulkPace()
    const options = { pace, maxRows, expectedRows: undefined }
    for (const [oid, cells] of await readColumns(requests, Object.values(columns), options))
      tables.set(oid, cellsOf(cells))
  }
  const ports = portsIn(tables)
  const chassis = chassisOf(told.get(scalars.chassisType), told.get(scalars.chassisId))
  const objectId = told.get(scalars.objectId)
  return {
    name: textOf(told.get(scalars.name)),
    description: textOf(told.get(scalars.description)),
    objectId: typeof objectId === 'string' ? objectId : '',
    ...(chassis === undefined ? {} : { chassis }),
    ports,
    neighbours: [...lldpNeighbours(tables, ports), ...cdpNeighbours(tables, ports)],
  }
}

async function readScalars(requests: Requests): Promise<Cells> {
  const all = Object.values(scalars)
  // SNMPv1 fails the whole of a message for one value that is not there.
  const questions = requests.version === '1' ? all.map((oid) => [oid]) : [all]
  const told: Varbind[] = []
  for (const oids of questions) {
    try {
      told.push(...(await requests.get(oids)))
    } catch (error) {
      if (!(error instanceof SnmpFailure && error.kind === 'noSuchName')) throw error
    }
  }
  return cellsOf(new Map(told.map((varbind) => [varbind.oid, varbind])))
}

function cellsOf(values: ReadonlyMap<string, Varbind>): Cells {
  const cells = new Map<string, CellValue>()
  for (const [index, varbind] of values) {
    const value = isAbsent(varbind) ? undefined : cellOf(varbind)
    if (value !== undefined) cells.set(index, value)
  }
  return cells
}

function cellOf(varbind: Varbind): CellValue | undefined {
  const bytes = bytesOf(varbind)
  if (bytes !== undefined) return Buffer.from(bytes)
  return varbind.tag === tags.oid ? oidOf(varbind) : numberOf(varbind)
}
