import type { Interface } from '../../model/interface.ts'
import type { InterfaceTable } from '../../model/interface-table.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { SystemGroup } from '../../model/reading.ts'
import type { BulkPace } from './bulk-pace.ts'
import { numberAt } from './codec/ber-number.ts'
import { isUnder, oidRange } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { interfaceStatuses, type PolledColumn, polledColumns } from './if-mib.ts'
import { interfaceNames } from './interface-names.ts'
import { adminOf, isSeen, narrowNames, operOf, PolledRows, wideNames } from './polled-columns.ts'
import { readSystem } from './read-system.ts'
import { RowIndex } from './row-index.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests } from './snmp-session.ts'
import { readStaticColumns, type StaticRow } from './static-columns.ts'
import { walkColumns } from './walk-columns.ts'

export interface InterfaceReaderOptions {
  readonly element: ElementId
  readonly pace: BulkPace
  /** More interfaces than this are taken for a table without end. */
  readonly maxRows: number
}

export interface InterfacePoll {
  readonly system: SystemGroup
  readonly interfaces: InterfaceTable
}

/**
 * Reads the system group and the interfaces of one agent, poll after poll. Counters and states come each time, with
 * sysUpTime in the same message and with the name of each row, which shows at once when an ifIndex went to another
 * interface. The rest comes every five minutes, and at once when the agent restarted, the rows or a state changed.
 */
export interface InterfaceReader {
  /** @param at UTC epoch milliseconds */
  read(requests: Requests, at: number): Promise<InterfacePoll>
}

const surveyEveryMs = 300_000

const upTimeColumn = oidRange('1.3.6.1.2.1.1.3')
const engineBootsColumn = oidRange('1.3.6.1.6.3.10.2.1.2')
const scalars = [upTimeColumn, engineBootsColumn]

const nothing: ReadonlyMap<number, Readonly<StaticRow>> = new Map()

/** The agent's clock, from beside the counters. */
interface Clocks {
  upTimeTicks: number
  engineBoots: number | undefined
}

export function createInterfaceReader({ element, pace, maxRows }: InterfaceReaderOptions): InterfaceReader {
  let system: SystemGroup | undefined
  let surveyedAt = Number.NEGATIVE_INFINITY
  /** What was read in this poll; in between, it is kept in the ports. */
  let statics = nothing
  let index = new RowIndex()
  /** By row. */
  let guards: readonly string[] = []
  let columns: readonly PolledColumn[] = wideNames
  const opening = new Map<number, RequestPdu>()
  let ports: readonly Interface[] = []
  /** States by row, as they were last time. */
  let last: Uint8Array | undefined

  const walk = async (
    requests: Requests,
    sink: PolledRows,
    names: readonly PolledColumn[],
    first: boolean,
  ) => {
    sink.begin(names)
    const found = await walkColumns(requests, {
      columns: names.map((name) => polledColumns[name]),
      ...(first ? { scalars, opening } : {}),
      sink,
      pace,
      expectedRows: index.size === 0 ? undefined : index.size,
      maxRows,
    })
    return names.filter((_, at) => (found[at] ?? 0) > 0)
  }

  /** Only for its texts, which are not made anew where they are the same. */
  const toldBefore = (): ReadonlyMap<number, Readonly<StaticRow>> =>
    new Map(ports.map((port, row) => [port.index, { ...port, name: guards[row] ?? '' }]))

  const readStatics = async (requests: Requests) => {
    const expectedRows = ports.length === 0 ? undefined : ports.length
    statics = await readStaticColumns(requests, toldBefore(), { pace, expectedRows, maxRows })
  }

  /** Which of two columns tells whose row it is: ifName, where the agent has it. */
  const guardName = (): PolledColumn =>
    [...statics.values()].some(({ name }) => name !== '') ? 'name' : 'descr'

  const setGuards = () => {
    const guard = guardName()
    guards = index.indexes.map((one) => {
      const row = statics.get(one)
      return (guard === 'name' ? row?.name : row?.description) ?? ''
    })
  }

  /** Everything anew: which columns the agent has, and what is told of each row. */
  const survey = async (requests: Requests, clocks: Clocks, at: number): Promise<PolledRows> => {
    // Whatever comes of this, it is not tried by halves next time.
    surveyedAt = Number.NEGATIVE_INFINITY
    opening.clear()
    await readStatics(requests)
    index = new RowIndex(statics.keys())
    setGuards()
    const guard = guardName()
    const wanted = wideNames.filter((name) => (name !== 'name' && name !== 'descr') || name === guard)
    const rows = new PolledRows(index, guards, clockSink(clocks))
    const wide = await walk(requests, rows, wanted, true)
    const narrow = rows.isWide ? [] : await walk(requests, rows, narrowNames, false)
    columns = [...wide, ...narrow]
    opening.clear()
    surveyedAt = at
    return rows
  }

  const clockSink = (clocks: Clocks) => (at: number, value: VarbindReader) => {
    const { bytes, nameStart, nameEnd, tag, valueStart, valueEnd } = value
    const column = scalars[at]
    // GETBULK gives what comes next, which need not be it.
    if (column === undefined || !isUnder(bytes, nameStart, nameEnd, column.bytes)) return
    const number = numberAt(bytes, tag, valueStart, valueEnd)
    if (!(number >= 0)) return
    if (column === upTimeColumn) clocks.upTimeTicks = number
    else clocks.engineBoots = number
  }

  const restarted = (clocks: Clocks): boolean =>
    system !== undefined &&
    (clocks.upTimeTicks < system.upTimeTicks ||
      (clocks.engineBoots !== undefined &&
        system.engineBoots !== undefined &&
        clocks.engineBoots !== system.engineBoots))

  /** What of the interfaces is not as it was: which of them there are, or only how they are. */
  const changeOf = (rows: PolledRows, size: number): 'rows' | 'states' | undefined => {
    if (rows.renamed || last === undefined || index.size !== size) return 'rows'
    let change: 'states' | undefined
    for (let row = 0; row < size; row++) {
      const before = last[row] ?? 0
      const now = rows.states[row] ?? 0
      if (isSeen(before) !== isSeen(now)) return 'rows'
      if (before !== now) change = 'states'
    }
    return change
  }

  /** Whether each row still bears the name that it was told by. */
  const guardsHold = (): boolean => {
    const before = guards
    setGuards()
    return index.indexes.every(
      (one, row) => guards[row] === before[row] && (statics.has(one) || guards[row] === ''),
    )
  }

  const makePorts = (rows: PolledRows, at: number): readonly number[] => {
    const present = index.indexes.flatMap((one, row) =>
      statics.has(one) || isSeen(rows.states[row] ?? 0) ? [{ index: one, row }] : [],
    )
    const known = present.map(
      ({ index: one }) =>
        statics.get(one) ?? { index: one, name: '', description: '', alias: '', speedBps: 0 },
    )
    const names = interfaceNames(known)
    const before = new Map(ports.map((port) => [port.index, port]))
    const made = present.map(({ index: one, row }, place): Interface => {
      const told = known[place]
      const port: Interface = {
        element,
        name: names.get(one) ?? `${one}`,
        index: one,
        description: told?.description ?? '',
        alias: told?.alias ?? '',
        adminStatus: interfaceStatuses[adminOf(rows.states[row] ?? 0)] ?? 'unknown',
        operStatus: interfaceStatuses[operOf(rows.states[row] ?? 0)] ?? 'unknown',
        speedBps: told?.speedBps ?? 0,
        seenAt: at,
      }
      const old = before.get(one)
      return old !== undefined && isSamePort(old, port) ? old : port
    })
    const isSame = made.length === ports.length && made.every((port, place) => port === ports[place])
    if (!isSame) ports = made
    return present.map(({ row }) => row)
  }

  return {
    async read(requests, at) {
      const clocks: Clocks = { upTimeTicks: Number.NaN, engineBoots: undefined }
      const isV1 = requests.version === '1'
      let told = system
      const isDue = at - surveyedAt >= surveyEveryMs || at < surveyedAt
      // SNMPv1 cannot put single values beside rows, and one that was silent is asked for little at first.
      if (told === undefined || isDue || isV1 || requests.once || columns.length === 0)
        told = await readSystem(requests)
      requests.once = false
      if (isV1 || columns.length === 0) {
        clocks.upTimeTicks = told.upTimeTicks
        clocks.engineBoots = told.engineBoots
      }
      let rows: PolledRows
      let places: readonly number[] | undefined
      if (isDue) rows = await survey(requests, clocks, at)
      else {
        const { size } = index
        rows = new PolledRows(index, guards, clockSink(clocks))
        await walk(requests, rows, columns, true)
        const change = changeOf(rows, size)
        if (change === undefined && !restarted(clocks)) places = index.indexes.map((_one, row) => row)
        else {
          if (change === 'states') await readStatics(requests)
          if (change !== 'states' || restarted(clocks) || !guardsHold()) {
            told = await readSystem(requests)
            rows = await survey(requests, clocks, at)
          }
        }
      }
      places ??= makePorts(rows, at)
      if (Number.isNaN(clocks.upTimeTicks))
        throw new SnmpFailure('refused', 'the agent does not show its sysUpTime')
      const { engineBoots: _, ...rest } = told
      system = {
        ...rest,
        upTimeTicks: clocks.upTimeTicks,
        ...(clocks.engineBoots === undefined ? {} : { engineBoots: clocks.engineBoots }),
      }
      last = rows.states
      statics = nothing
      return { system, interfaces: { ports, ...rows.counters(places) } }
    },
  }
}

const isSamePort = (one: Interface, other: Interface): boolean =>
  one.name === other.name &&
  one.description === other.description &&
  one.alias === other.alias &&
  one.adminStatus === other.adminStatus &&
  one.operStatus === other.operStatus &&
  one.speedBps === other.speedBps
