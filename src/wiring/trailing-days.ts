import type { SeriesRows } from '../model/columns.ts'
import type { Sample } from '../model/sample.ts'
import type { Clock } from '../platform/clock.ts'
import { FaultlineError } from '../platform/errors.ts'
import { tagText } from '../store/tag-text.ts'
import { type Days, dayFields, type ReadDays } from './busy-hour-reader.ts'

/** The last days of all interfaces, in memory: what a report of a month asks for again and again. */
export interface TrailingDays {
  /** As the store reads them; what is older than the days kept is read there. */
  readonly read: ReadDays
  /** Days on their way to the store. */
  accept(rows: readonly Sample[]): void
}

const dayMs = 86_400_000
/** A month, the days of its beginning in zones behind, and some. */
const keptMs = 40 * dayMs
/** Of one direction of an interface each: 40 days of 5,000 interfaces, 22 MB. Of more nothing is kept. */
const mostRows = 400_000
/** Somebody else may write to the same store, or correct it. */
const freshMs = 3_600_000

interface Kept {
  readonly from: number
  readonly readAt: number
  /** Undefined: there are too many to be kept. */
  days: Days | undefined
}

/** Keeps what the first report reads, and puts new days to it. */
export function createTrailingDays(readDays: ReadDays, clock: Clock): TrailingDays {
  let kept: Kept | undefined
  let reading: Promise<Kept> | undefined
  /** Came since `kept` was last put together. */
  let fresh: Sample[] = []

  const readAll = async (): Promise<Kept> => {
    const readAt = clock.now()
    const from = readAt - keptMs
    // What comes meanwhile may be in the answer or not.
    fresh = []
    const all = { tags: {}, from, to: readAt + dayMs, limit: mostRows }
    const days = await readDays(all, AbortSignal.timeout(readLimitMs)).catch((error: unknown) => {
      if (error instanceof FaultlineError && error.code === 'REQUEST_INVALID') return undefined
      throw error
    })
    return { from, readAt, days }
  }

  const forgetOld = () => {
    if (kept !== undefined && Math.abs(clock.now() - kept.readAt) > freshMs) kept = undefined
  }

  const current = async (): Promise<Kept> => {
    forgetOld()
    if (kept === undefined) {
      reading ??= readAll().finally(() => {
        reading = undefined
      })
      kept = await reading
    }
    if (kept.days !== undefined && fresh.length > 0) kept.days = withRows(kept.days, fresh)
    fresh = []
    return kept
  }

  return {
    async read(selection, signal) {
      if (selection.from < clock.now() - keptMs + dayMs) return readDays(selection, signal)
      const { days, from } = await current()
      return days === undefined || selection.from < from
        ? readDays(selection, signal)
        : within(days, selection)
    },
    accept(rows) {
      // Nothing is gathered for reports that nobody asks for any more.
      forgetOld()
      if (kept?.days === undefined && reading === undefined) fresh = []
      else for (const row of rows) if (row.measurement === 'interface_peak_day') fresh.push(row)
    },
  }
}

const readLimitMs = 60_000

/** A part of the columns, not copied. */
function within(days: Days, { tags, from, to, limit }: Parameters<ReadDays>[0]): Days {
  const wanted = Object.entries(tags)
  let count = 0
  const series = days.series.flatMap((one) => {
    const isWanted = wanted.every(([name, values]) => [values].flat().includes(one.tags[name] ?? ''))
    if (!isWanted) return []
    const start = firstFrom(days.at, one, from)
    const end = firstFrom(days.at, one, to)
    count += end - start
    return start < end ? [{ tags: one.tags, start, end }] : []
  })
  if (count > limit) throw new FaultlineError('REQUEST_INVALID', `has more than ${limit} points`)
  return { ...days, series }
}

/** The first row of a series at that time or later. */
function firstFrom(at: Float64Array, { start, end }: SeriesRows, time: number): number {
  let [low, high] = [start, end]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

const keyOf = ({ element, interface: port, direction }: Sample['tags']): string =>
  JSON.stringify([element, port, direction])

/** The same columns with more rows. A row that is there keeps the fields that a new one lacks, as in the stores. */
function withRows(days: Days, rows: readonly Sample[]): Days {
  const added = new Map<string, Map<number, Sample['fields']>>()
  const tagsOf = new Map<string, SeriesRows['tags']>()
  for (const { tags, fields, at } of rows) {
    const stored = Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, tagText(value)]))
    const key = keyOf(stored)
    const own = added.get(key) ?? new Map<number, Sample['fields']>()
    added.set(key, own.set(at, { ...own.get(at), ...fields }))
    tagsOf.set(key, stored)
  }
  const room = days.at.length + rows.length
  const at = new Float64Array(room)
  const columns = dayFields.map((field) => [field, days.values[field], new Float64Array(room)] as const)
  let length = 0
  const put = (time: number, old: number | undefined, fields: Sample['fields'] | undefined) => {
    at[length] = time
    for (const [field, before, column] of columns) {
      const value = fields?.[field]
      column[length] =
        value === undefined ? (old === undefined ? Number.NaN : (before[old] ?? Number.NaN)) : Number(value)
    }
    length++
  }
  const series: SeriesRows[] = []
  const take = (tags: SeriesRows['tags'], rowsBefore: Pick<SeriesRows, 'start' | 'end'>, key: string) => {
    const start = length
    const news = [...(added.get(key) ?? [])].sort(([one], [other]) => one - other)
    added.delete(key)
    let next = 0
    for (let row = rowsBefore.start; row < rowsBefore.end; row++) {
      const time = days.at[row] ?? 0
      for (; (news[next]?.[0] ?? Number.POSITIVE_INFINITY) < time; next++)
        put(news[next]?.[0] ?? 0, undefined, news[next]?.[1])
      put(time, row, news[next]?.[0] === time ? news[next++]?.[1] : undefined)
    }
    for (; next < news.length; next++) put(news[next]?.[0] ?? 0, undefined, news[next]?.[1])
    series.push({ tags, start, end: length })
  }
  for (const one of days.series) take(one.tags, one, keyOf(one.tags))
  for (const key of [...added.keys()]) take(tagsOf.get(key) ?? {}, { start: 0, end: 0 }, key)
  const values = Object.fromEntries(columns.map(([field, , column]) => [field, column]))
  return { series, at, values: { ...days.values, ...values } }
}
