import type { ElementId } from '../model/network-element.ts'
import {
  columnsOf,
  type Oid,
  type Profile,
  type ProfileReading,
  type ProfileRow,
  profilesFor,
} from '../model/profile.ts'
import type { SystemGroup } from '../model/reading.ts'
import type { Clock } from '../platform/clock.ts'

/** One value of a column: the whole OID, and a number, a cleaned text, or an OID as text. */
export interface ColumnValue {
  readonly oid: Oid
  readonly value: ProfileRow['value']
}

/**
 * Reads whole columns, any number of them side by side; a column that the agent lacks gives nothing. `expectedRows` is
 * how many each had last time, 0 when that is not known. It bounds what it reads of an endless table, ends with its
 * poll, and rejects when the agent does not answer.
 */
export type ColumnWalk = (columns: readonly Oid[], expectedRows: number) => Promise<readonly ColumnValue[]>

/** Reads what profiles ask for, with as little as possible: it remembers what an agent lacks, and what does not change. */
export interface ProfileReader {
  /**
   * What the profiles for this agent's sysObjectID ask for; undefined when none holds for it. Rejects with whatever
   * `walk` rejects with, and then asks for everything again next time.
   */
  read(
    element: ElementId,
    system: Pick<SystemGroup, 'objectId' | 'upTimeTicks'>,
    walk: ColumnWalk,
  ): Promise<ProfileReading | undefined>
  forget(element: ElementId): void
}

/** Rows of one column beyond this are left out. */
const mostRows = 2_000
/** How long a lacking column is not asked for, and names are taken to stay as they are. */
const renewEveryMs = 3_600_000

type Rows = readonly ProfileRow[]
type Values = ReadonlyMap<Oid, Rows>

/** What is kept of an agent between polls. */
interface Known {
  readonly objectId: Oid
  readonly profiles: readonly Profile[]
  readonly upTimeTicks: number
  readonly renewAt: number
  /** Columns that it has. */
  readonly moving: readonly Oid[]
  /** Names, units and scales of the rows that `indexes` tells. */
  readonly still: Values
  readonly indexes: ReadonlyMap<Oid, readonly string[]>
}

export function createProfileReader({
  profiles: all,
  clock,
}: {
  readonly profiles: readonly Profile[]
  readonly clock: Clock
}): ProfileReader {
  const agents = new Map<ElementId, Known>()

  return {
    async read(element, { objectId, upTimeTicks }, walk) {
      const before = agents.get(element)
      // Whatever is remembered is forgotten until this reading is whole.
      agents.delete(element)
      const now = clock.now()
      const isSame =
        before !== undefined &&
        before.objectId === objectId &&
        upTimeTicks >= before.upTimeTicks &&
        now < before.renewAt
      const profiles = isSame ? before.profiles : profilesFor(all, objectId)
      if (profiles.length === 0) return undefined
      const wanted = profiles.flatMap((profile) => profile.reads.map(columnsOf))
      const stillWanted = unique(wanted.flatMap(({ still }) => still))
      const asked = isSame ? before.moving : unique(wanted.flatMap(({ moving }) => moving))
      const values = await readOf(walk, asked, isSame ? before.indexes : new Map())
      const indexes = new Map([...values].map(([oid, rows]) => [oid, rows.map(({ index }) => index)]))
      // Other rows than last time: what belongs to an index may be something else now.
      const still =
        isSame && sameIndexes(before.indexes, indexes)
          ? before.still
          : await stillOf(walk, values.size === 0 ? [] : stillWanted, indexes)
      const renewAt = isSame ? before.renewAt : now + renewEveryMs
      const moving = isSame ? before.moving : asked.filter((oid) => values.has(oid))
      agents.set(element, { objectId, profiles, upTimeTicks, renewAt, moving, still, indexes })
      return { profiles: profiles.map(({ id }) => id), values: new Map([...still, ...values]) }
    },
    forget(element) {
      agents.delete(element)
    },
  }
}

const unique = (oids: readonly Oid[]): readonly Oid[] => [...new Set(oids)]

/** Columns that had as many rows last time are read side by side, so that not more is asked for than there is. */
async function readOf(
  walk: ColumnWalk,
  columns: readonly Oid[],
  before: ReadonlyMap<Oid, readonly string[]>,
): Promise<Values> {
  const rowsBefore = (oid: Oid) => before.get(oid)?.length ?? 0
  const found: ColumnValue[] = []
  for (const rows of new Set(columns.map(rowsBefore))) {
    const group = columns.filter((oid) => rowsBefore(oid) === rows)
    for (const value of await walk(group, rows)) found.push(value)
  }
  return valuesByColumn(columns, found)
}

/** Names and the like, of the rows that were read only: an agent may have thousands of interfaces and four optics. */
async function stillOf(
  walk: ColumnWalk,
  columns: readonly Oid[],
  indexes: ReadonlyMap<Oid, readonly string[]>,
): Promise<Values> {
  const used = new Set([...indexes.values()].flat())
  const values = await readOf(walk, columns, new Map())
  const kept = [...values].map(([oid, rows]) => [oid, rows.filter(({ index }) => used.has(index))] as const)
  return new Map(kept.filter(([, rows]) => rows.length > 0))
}

/** Sorts what a walk read by column. What belongs to none is left out. */
function valuesByColumn(columns: readonly Oid[], found: readonly ColumnValue[]): Values {
  const prefixes = columns.map((oid) => ({ oid, prefix: `${oid}.` }))
  const values = new Map<Oid, ProfileRow[]>()
  let last: (typeof prefixes)[number] | undefined
  for (const { oid, value } of found) {
    // Walks come column by column, so the last one is the likeliest.
    const column =
      last !== undefined && oid.startsWith(last.prefix)
        ? last
        : prefixes.find(({ prefix }) => oid.startsWith(prefix))
    if (column === undefined) continue
    last = column
    const rows = values.get(column.oid) ?? []
    if (rows.length === 0) values.set(column.oid, rows)
    if (rows.length < mostRows) rows.push({ index: oid.slice(column.prefix.length), value })
  }
  return values
}

const sameIndexes = (
  one: ReadonlyMap<Oid, readonly string[]>,
  other: ReadonlyMap<Oid, readonly string[]>,
): boolean =>
  one.size === other.size &&
  [...one].every(([oid, indexes]) => {
    const now = other.get(oid)
    return now?.length === indexes.length && now.every((index, at) => index === indexes[at])
  })
