import { interfaceStatuses } from '../../model/interface.ts'
import { type InterfaceList, interfaceList } from '../../model/interface-list.ts'
import type { InterfaceTable } from '../../model/interface-table.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { SystemGroup } from '../../model/reading.ts'
import type { BulkPace } from './bulk-pace.ts'
import { numberAt } from './codec/ber-number.ts'
import { isUnder, oidRange } from './codec/oid.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import type { PolledColumn } from './if-mib.ts'
import { interfaceNames } from './interface-names.ts'
import { adminOf, isSeen, narrowNames, operOf, PolledRows, statusOf, wideNames } from './polled-columns.ts'
import { readSystem } from './read-system.ts'
import { type GuardColumn, RowGuards } from './row-guards.ts'
import { RowIndex } from './row-index.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests } from './snmp-session.ts'
import { readStaticColumns, type StaticRow, type StaticRows } from './static-columns.ts'
import { walkColumns } from './walk-columns.ts'
import type { WalkPlan, WalkPlans } from './walk-plan.ts'

export interface InterfaceReaderOptions {
  readonly element: ElementId
  readonly pace: BulkPace
  /** More interfaces than this are taken for a table without end. */
  readonly maxRows: number
  /** Shared by the readers of many agents. */
  readonly plans: WalkPlans
}

export interface InterfacePoll {
  readonly system: SystemGroup
  readonly interfaces: InterfaceTable
}

const surveyEveryMs = 300_000

const upTimeColumn = oidRange('1.3.6.1.2.1.1.3')
const engineBootsColumn = oidRange('1.3.6.1.6.3.10.2.1.2')
const scalars = [upTimeColumn, engineBootsColumn]

/** The agent's clock, from beside the counters. */
class Clocks {
  upTimeTicks = Number.NaN
  engineBoots: number | undefined

  /** Takes the value behind one of the scalars. */
  take(at: number, value: VarbindReader): void {
    const { bytes, nameStart, nameEnd, tag, valueStart, valueEnd } = value
    const column = scalars[at]
    // GETBULK gives what comes next, which need not be it.
    if (column === undefined || !isUnder(bytes, nameStart, nameEnd, column.bytes)) return
    const number = numberAt(bytes, tag, valueStart, valueEnd)
    if (!(number >= 0)) return
    if (column === upTimeColumn) this.upTimeTicks = number
    else this.engineBoots = number
  }
}

/** What was read in one poll. */
interface Read {
  readonly rows: PolledRows
  /** Undefined when they were not read. */
  readonly statics: StaticRows | undefined
}

/**
 * Reads the system group and the interfaces of one agent, poll after poll. Counters and states come each time, with
 * sysUpTime in the same message and with the name of each row, which shows at once when an ifIndex went to another
 * interface. The rest comes every five minutes, and at once when the agent restarted, the rows or a state changed.
 */
export class InterfaceReader {
  readonly #options: InterfaceReaderOptions
  #system: SystemGroup | undefined
  #surveyedAt = Number.NEGATIVE_INFINITY
  /** Rows of a poll are the rows of this list, in its order. */
  #ports: InterfaceList
  /** Rows that only the last survey told of. */
  #unseen: ReadonlySet<number> | undefined
  #guards: RowGuards | undefined
  #plan: WalkPlan

  constructor(options: InterfaceReaderOptions) {
    this.#options = options
    this.#ports = interfaceList(options.element, 0, [])
    this.#plan = options.plans.of(wideNames)
  }

  /** @param at UTC epoch milliseconds */
  async read(requests: Requests, at: number): Promise<InterfacePoll> {
    const clocks = new Clocks()
    const isV1 = requests.version === '1'
    const isDue = at - this.#surveyedAt >= surveyEveryMs || at < this.#surveyedAt
    const hasColumns = this.#plan.names.length > 0
    let told = this.#system
    // SNMPv1 cannot put single values beside rows, and one that was silent is asked for little at first.
    if (told === undefined || isDue || isV1 || requests.once || !hasColumns) told = await readSystem(requests)
    requests.once = false
    if (isV1 || !hasColumns) {
      clocks.upTimeTicks = told.upTimeTicks
      clocks.engineBoots = told.engineBoots
    }
    let read = isDue ? await this.#survey(requests, clocks, at) : await this.#poll(requests, clocks)
    if (read === 'other') {
      told = await readSystem(requests)
      read = await this.#survey(requests, clocks, at)
    }
    const { rows, statics } = read
    const words = statics === undefined ? rows.words() : rows.words(this.#makePorts(rows, statics, at))
    if (Number.isNaN(clocks.upTimeTicks))
      throw new SnmpFailure('refused', 'the agent does not show its sysUpTime')
    this.#system = systemAt(told, clocks)
    return { system: this.#system, interfaces: { ports: this.#ports, words } }
  }

  /** Counters and states, and the rest too where a state changed. `other`: these are not the interfaces that they were. */
  async #poll(requests: Requests, clocks: Clocks): Promise<Read | 'other'> {
    const rows = new PolledRows(new RowIndex(this.#ports), this.#guards, clocks)
    await this.#walk(requests, rows, this.#plan, true)
    const change = this.#changeOf(rows)
    if (change === 'rows' || this.#restarted(clocks)) return 'other'
    if (change === undefined) return { rows, statics: undefined }
    const statics = await this.#readStatics(requests)
    return this.#guardsHold(statics) ? { rows, statics } : 'other'
  }

  /** Everything anew: which columns the agent has, and what is told of each row. */
  async #survey(requests: Requests, clocks: Clocks, at: number): Promise<Read> {
    // Whatever comes of this, it is not tried by halves next time.
    this.#surveyedAt = Number.NEGATIVE_INFINITY
    let statics = await this.#readStatics(requests)
    let guard = guardColumn(statics)
    let found = await this.#walkAll(requests, clocks, statics, guard)
    if (found.rows.renamed) {
      // An ifIndex went to another interface between the two. Should it happen again, the next poll shows it.
      statics = await this.#readStatics(requests)
      guard = guardColumn(statics)
      found = await this.#walkAll(requests, clocks, statics, guard)
    }
    const { rows, wanted, wide, narrow } = found
    const has = (found: readonly number[]) => (_name: PolledColumn, at: number) => (found[at] ?? 0) > 0
    this.#plan = this.#options.plans.of([...wanted.filter(has(wide)), ...narrowNames.filter(has(narrow))])
    this.#surveyedAt = at
    return { rows, statics }
  }

  /** All that each poll reads. The rows are told by their guards from those that the static columns tell of. */
  async #walkAll(requests: Requests, clocks: Clocks, statics: StaticRows, guard: GuardColumn) {
    const { plans } = this.#options
    const guards = {
      holds: (row: number, bytes: Uint8Array, start: number, end: number) =>
        statics.isText(row, guard, bytes, start, end),
    }
    const wanted = wideNames.filter((name) => (name !== 'name' && name !== 'descr') || name === guard)
    const rows = new PolledRows(new RowIndex(statics), guards, clocks)
    const wide = await this.#walk(requests, rows, plans.of(wanted), true)
    if (rows.isWide) return { rows, wanted, wide, narrow: [] }
    const [, ...narrow] = await this.#walk(requests, rows, plans.of([guard, ...narrowNames]), false)
    return { rows, wanted, wide, narrow }
  }

  /** Returns how many rows each column has. */
  #walk(
    requests: Requests,
    rows: PolledRows,
    { names, columns, steps, endShownBy }: WalkPlan,
    isFirst: boolean,
  ): Promise<readonly number[]> {
    const { pace, maxRows } = this.#options
    const { size } = rows.index
    rows.begin(names)
    return walkColumns(requests, {
      columns,
      scalars: isFirst ? scalars : [],
      steps: isFirst ? steps : undefined,
      endShownBy,
      sink: rows,
      pace,
      expectedRows: size === 0 ? undefined : size,
      maxRows,
    })
  }

  #readStatics(requests: Requests): Promise<StaticRows> {
    const { pace, maxRows } = this.#options
    const { length } = this.#ports
    return readStaticColumns(requests, { pace, maxRows, expectedRows: length === 0 ? undefined : length })
  }

  #restarted({ upTimeTicks, engineBoots }: Clocks): boolean {
    const before = this.#system
    if (before === undefined) return false
    const hasBoots = engineBoots !== undefined && before.engineBoots !== undefined
    return upTimeTicks < before.upTimeTicks || (hasBoots && engineBoots !== before.engineBoots)
  }

  /** What of the interfaces is not as it was: which of them there are, or only how they are. */
  #changeOf(rows: PolledRows): 'rows' | 'states' | undefined {
    const ports = this.#ports
    if (rows.renamed || rows.index.added > 0) return 'rows'
    let change: 'states' | undefined
    for (let row = 0; row < ports.length; row++) {
      const state = rows.states[row] ?? 0
      if (isSeen(state) === (this.#unseen?.has(row) ?? false)) return 'rows'
      if (statusOf(state) !== ports.status(row)) change = 'states'
    }
    return change
  }

  /** Whether each row still bears the name that it was told by. */
  #guardsHold(statics: StaticRows): boolean {
    const guards = this.#guards
    const guard = guardColumn(statics)
    if (guards === undefined || guards.column !== guard) return false
    const ports = this.#ports
    for (let row = 0; row < ports.length; row++) {
      if (guardText(statics, guard, ports.index(row), row) !== guards.text(row)) return false
    }
    return true
  }

  /** Makes the list of interfaces anew. Returns which of the rows that were read are in it, in its order. */
  #makePorts(rows: PolledRows, statics: StaticRows, at: number): readonly number[] {
    const { index, states } = rows
    const present: number[] = []
    const known: StaticRow[] = []
    for (let row = 0; row < index.size; row++) {
      const told = statics.rowOf(index.at(row), row)
      if (told < 0 && !isSeen(states[row] ?? 0)) continue
      present.push(row)
      known.push(told < 0 ? unknownRow(index.at(row)) : statics.row(told))
    }
    const names = interfaceNames(known)
    const made = interfaceList(
      this.#options.element,
      at,
      known.map((one, place) => {
        const state = states[present[place] ?? -1] ?? 0
        return {
          name: names.get(one.index) ?? `${one.index}`,
          index: one.index,
          description: one.description,
          alias: one.alias,
          adminStatus: interfaceStatuses[adminOf(state)] ?? 'unknown',
          operStatus: interfaceStatuses[operOf(state)] ?? 'unknown',
          speedBps: one.speedBps,
        }
      }),
    )
    if (!made.isSame(this.#ports)) this.#ports = made
    const unseen = present.flatMap((row, place) => (isSeen(states[row] ?? 0) ? [] : [place]))
    this.#unseen = unseen.length === 0 ? undefined : new Set(unseen)
    const ports = this.#ports
    const guard = guardColumn(statics)
    this.#guards = new RowGuards(guard, ports, (row) => guardText(statics, guard, ports.index(row), row))
    return present
  }
}

/** The one that tells more rows apart. */
function guardColumn(statics: StaticRows): GuardColumn {
  const told = (column: GuardColumn) => {
    const texts = new Set<string>()
    for (let row = 0; row < statics.length; row++) texts.add(statics.text(row, column))
    return texts.size
  }
  const names = told('name')
  return names === statics.length || names >= told('descr') ? 'name' : 'descr'
}

/** What the row of an index tells for its guard. */
function guardText(statics: StaticRows, guard: GuardColumn, index: number, hint: number): string {
  const row = statics.rowOf(index, hint)
  return row < 0 ? '' : statics.text(row, guard)
}

/** A row that shows in what is read each time, and in nothing else. */
const unknownRow = (index: number): StaticRow => ({
  index,
  name: '',
  description: '',
  alias: '',
  speedBps: 0,
})

const systemAt = (
  { description, objectId, name, location }: SystemGroup,
  { upTimeTicks, engineBoots }: Clocks,
): SystemGroup =>
  engineBoots === undefined
    ? { description, objectId, name, location, upTimeTicks }
    : { description, objectId, name, location, upTimeTicks, engineBoots }
