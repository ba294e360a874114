import { messageOf } from '../../platform/errors.ts'
import { deviceText } from '../snmp/device-text.ts'
import type { NeighbourReader, SeenElement } from './neighbour-reader.ts'
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
import { AskFailure, type AskSession, openAskSession } from './net-snmp-session.ts'

export interface SnmpNeighbourReaderSettings {
  /** For each attempt. */
  readonly timeoutMs: number
  readonly retries: number
}

/** More rows than this are taken for a table without end. */
const mostRows = 10_000
const rowsAtOnce = 20
/** An agent that answers row by row, as slowly as it may, is left after this. */
const longestMs = 60_000

/** Asks agents by SNMP for what they tell of themselves and of their neighbours. */
export function createSnmpNeighbourReader(settings: SnmpNeighbourReaderSettings): NeighbourReader {
  return {
    async read(address, access, stop) {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(longestMs)])
      let session: AskSession | undefined
      const end = () => session?.close()
      try {
        session = openAskSession(address, access, settings)
        signal.addEventListener('abort', end, { once: true })
        return { outcome: 'answered', element: await readElement(session, access.version === '1', signal) }
      } catch (error) {
        const problem = deviceText(Buffer.from(messageOf(error)))
        const silent = error instanceof AskFailure && error.kind === 'silent'
        return { outcome: silent ? 'silent' : 'refused', problem }
      } finally {
        signal.removeEventListener('abort', end)
        if (!signal.aborted) end()
      }
    },
  }
}

async function readElement(session: AskSession, v1: boolean, signal: AbortSignal): Promise<SeenElement> {
  const told = new Map<string, CellValue>()
  // SNMPv1 fails the whole of a message for one value that is not there.
  const questions = v1 ? Object.values(scalars).map((oid) => [oid]) : [Object.values(scalars)]
  for (const oids of questions) {
    const answer = await session.get(oids).catch((error: unknown) => {
      if (error instanceof AskFailure && error.kind === 'ended') return []
      throw error
    })
    for (const { oid, value } of answer) if (value !== undefined) told.set(oid, value)
  }
  const tables = new Map<string, Cells>()
  for (const columns of [portColumns, localColumns, remoteColumns, addressColumns, cdpColumns])
    for (const [column, cells] of await readColumns(session, Object.values(columns), signal))
      tables.set(column, cells)
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

interface Cursor {
  readonly column: string
  readonly cells: Map<string, CellValue>
  last: string
  done: boolean
}

/** Columns of one table, side by side. One that the agent lacks is empty; one that does not advance is an error. */
async function readColumns(
  session: AskSession,
  columns: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Cells>> {
  const cursors = columns.map((column): Cursor => ({ column, cells: new Map(), last: column, done: false }))
  let rows = rowsAtOnce
  for (;;) {
    const open = cursors.filter((cursor) => !cursor.done)
    if (open.length === 0) return new Map(cursors.map(({ column, cells }) => [column, cells]))
    if (signal.aborted) throw new AskFailure('silent', 'stopped')
    // One that is alone in a message says by itself where it ends, which SNMPv1 needs.
    const asked = rows === 0 ? open.slice(0, 1) : open
    try {
      const answer = await session.next(
        asked.map((cursor) => cursor.last),
        Math.max(1, rows),
      )
      if (!answer.some((column) => column.length > 0))
        throw new AskFailure('refused', 'an answer without a value')
      for (const [at, cursor] of asked.entries()) take(cursor, answer[at] ?? [])
    } catch (error) {
      if (!(error instanceof AskFailure)) throw error
      if (error.kind === 'ended' && asked.length === 1) for (const cursor of asked) cursor.done = true
      else if ((error.kind === 'tooBig' || error.kind === 'ended') && rows > 0)
        rows = error.kind === 'ended' ? 0 : Math.floor(rows / 2)
      else throw error
    }
  }
}

function take(
  cursor: Cursor,
  varbinds: readonly { readonly oid: string; readonly value: CellValue | undefined }[],
) {
  const prefix = `${cursor.column}.`
  for (const { oid, value } of varbinds) {
    if (value === undefined || !oid.startsWith(prefix)) {
      cursor.done = true
      return
    }
    if (!isBehind(oid, cursor.last)) throw new AskFailure('refused', `its table does not advance at ${oid}`)
    cursor.cells.set(oid.slice(prefix.length), value)
    cursor.last = oid
    if (cursor.cells.size > mostRows)
      throw new AskFailure('refused', `its table ${cursor.column} has more than ${mostRows} rows`)
  }
}

/** In the order of the MIB (RFC 3416 §4.2.2). */
function isBehind(next: string, last: string): boolean {
  const one = next.split('.').map(Number)
  for (const [at, arc] of last.split('.').map(Number).entries()) {
    const other = one[at]
    if (other === undefined) return false
    if (other !== arc) return other > arc
  }
  return next !== last
}
