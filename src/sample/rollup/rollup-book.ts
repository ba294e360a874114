import type { FieldValue, Sample } from '../../model/sample.ts'
import { fiveMinutesMs, hourMs, quarterMs, type RollupPlan, rollupPlans } from './rollup-plan.ts'
import { RowPool } from './row-pool.ts'
import { SampleRows } from './sample-rows.ts'

export interface RollupSettings {
  /** When this process began to take samples: of the hour before that moment it knows nothing. */
  readonly startedAt: number
  /** How long after its end a span of time may still get samples, ms. */
  readonly graceMs: number
}

/** An hour that this process did not see the whole of: the rest of its samples is in the sample store. */
export interface UnfinishedHour {
  readonly hour: number
  /** Its samples may lie in the store for any series, and not only for those of `parts`. */
  readonly everySeries: boolean
  readonly parts: readonly HourPart[]
}

/** What this process has of one series and hour. */
export interface HourPart {
  readonly plan: RollupPlan
  readonly tags: Readonly<Record<string, string>>
  readonly rows: SampleRows
  readonly latest: number | undefined
}

/**
 * Makes the means of 5 and 15 minutes and the hour's figures from the stream of samples. It holds every sample of the
 * main fields for the hour that runs, as float64, so that percentiles are exact: 1.3 KB an interface at a poll a minute.
 */
export interface RollupBook {
  accept(samples: readonly Sample[]): void
  /** What has ended since the last call, in small batches, some of them empty; samples may be accepted in between. */
  due(now: number): Generator<readonly Sample[], void>
  /** Hours that have ended and cannot be told from memory alone. They leave the book. */
  takeUnfinished(now: number): readonly UnfinishedHour[]
  /** The earliest hour that is still held; undefined when there is none. */
  earliest(): number | undefined
  /** Hours of which samples are in memory, and samples that came after their span was told, since the start. */
  state(): { readonly hours: number; readonly late: number }
  /** Series and samples in memory. */
  size(): { readonly series: number; readonly samples: number }
}

/**
 * `whole`: this process sees all of it. `begun`: it was running already at the start; what ended before the start comes
 * from the store. `late`: it was closed when a sample came; nothing is made of it until the store has told the rest.
 */
type Seen = 'whole' | 'begun' | 'late'

interface OpenHour extends HourPart {
  readonly hour: number
  readonly seen: Seen
  latest: number | undefined
  /** Where the first 5 minutes begin that were not told yet, ms within the hour. */
  untold: number
}

interface Series {
  readonly plan: RollupPlan
  readonly tags: Readonly<Record<string, string>>
  open: OpenHour[]
}

/** Series looked at for a batch: two milliseconds at the end of an hour, when each has the most to tell. */
const batchSeries = 50
const floorTo = (at: number, width: number): number => Math.floor(at / width) * width

const numberOf = (value: FieldValue | undefined): number | undefined =>
  value === undefined || typeof value === 'string' ? undefined : Number(value)

export function createRollupBook({ startedAt, graceMs }: RollupSettings): RollupBook {
  const plans = new Map<string, RollupPlan>(rollupPlans.map((plan) => [plan.raw, plan]))
  const book = new Map<string, Series>()
  const pools = new Map<string, RowPool>()
  const startHour = floorTo(startedAt, hourMs)
  /** The latest time whose spans were ever closed: what comes for an hour before it is late. */
  let closedUntil = Number.NEGATIVE_INFINITY
  /** Nothing more ends before this time. */
  let quietUntil = Number.NEGATIVE_INFINITY
  let startHourTaken = false
  let late = 0

  const seenOf = (hour: number): Seen =>
    hour + hourMs <= closedUntil || hour < startHour ? 'late' : hour < startedAt ? 'begun' : 'whole'

  const seriesOf = (plan: RollupPlan, { tags }: Sample): Series => {
    const key = `${plan.raw} ${tags.element} ${tags.interface ?? tags.vantage}`
    let series = book.get(key)
    if (series === undefined) {
      series = { plan, tags, open: [] }
      book.set(key, series)
    }
    return series
  }

  /** One an hour and plan: when the hour is over, all its memory goes at once. */
  const poolOf = (plan: RollupPlan, hour: number): RowPool => {
    const key = `${plan.raw} ${hour}`
    const pool = pools.get(key) ?? new RowPool(plan.columns.length)
    pools.set(key, pool)
    return pool
  }

  const openHour = (series: Series, hour: number): OpenHour => {
    const { plan, tags } = series
    const seen = seenOf(hour)
    const rows = new SampleRows(poolOf(plan, hour))
    const untold = seen === 'begun' ? Math.ceil((startedAt - hour) / fiveMinutesMs) * fiveMinutesMs : 0
    const opened = { plan, tags, rows, latest: undefined, hour, seen, untold }
    // Not push, which makes room for 17.
    series.open = [...series.open, opened]
    return opened
  }

  const take = (plan: RollupPlan, sample: Sample): void => {
    const values = plan.columns.map((column) => numberOf(sample.fields[column]))
    const latest = plan.latest === undefined ? undefined : numberOf(sample.fields[plan.latest])
    const measured = values.some((value) => value !== undefined)
    if (!measured && latest === undefined) return
    const series = seriesOf(plan, sample)
    const hour = floorTo(sample.at, hourMs)
    const open = series.open.find((one) => one.hour === hour) ?? openHour(series, hour)
    if (latest !== undefined) open.latest = latest
    if (!measured) return
    const offset = sample.at - hour
    open.rows.put(offset, values)
    if (open.seen === 'late') late++
    if (offset >= open.untold) return
    late++
    // Told already, and not right any more: told again.
    const again = floorTo(offset, plan.quarter === undefined ? fiveMinutesMs : quarterMs)
    const firstOfOurs = hour >= startedAt ? 0 : Math.ceil((startedAt - hour) / fiveMinutesMs) * fiveMinutesMs
    open.untold = Math.min(open.untold, Math.max(again, firstOfOurs))
    quietUntil = Number.NEGATIVE_INFINITY
  }

  /** What ended in an open hour before `until`. */
  function* ended(open: OpenHour, until: number): Generator<Sample> {
    const { plan, hour } = open
    for (; open.untold < hourMs && hour + open.untold + fiveMinutesMs <= until; ) {
      const part = { from: open.untold, to: open.untold + fiveMinutesMs }
      open.untold = part.to
      const five = plan.fiveMinutes(open, part)
      if (five !== undefined) yield five
      const quarter = { from: part.to - quarterMs, to: part.to }
      if (part.to % quarterMs !== 0 || hour + quarter.from < startedAt) continue
      const mean = plan.quarter?.(open, quarter)
      if (mean !== undefined) yield mean
    }
    if (open.seen !== 'whole' || hour + hourMs > until) return
    const figures = plan.hour(open)
    if (figures !== undefined) yield figures
  }

  const isOver = ({ hour, seen }: OpenHour, until: number) => seen === 'whole' && hour + hourMs <= until

  function* due(now: number): Generator<readonly Sample[], void> {
    const until = now - graceMs
    // Within the same 5 minutes as at the last call; a clock that was set back is none of these.
    if (until < quietUntil && until >= quietUntil - fiveMinutesMs) return
    quietUntil = floorTo(until, fiveMinutesMs) + fiveMinutesMs
    closedUntil = Math.max(closedUntil, floorTo(until, hourMs))
    let batch: Sample[] = []
    let seen = 0
    for (const [key, series] of book) {
      for (const open of series.open) {
        if (open.seen === 'late') continue
        batch.push(...ended(open, until))
      }
      if (series.open.some((open) => isOver(open, until)))
        series.open = series.open.filter((open) => !isOver(open, until))
      // One that was silent for an hour is forgotten until it comes again.
      if (series.open.length === 0 && until % hourMs < fiveMinutesMs) book.delete(key)
      if (++seen % batchSeries !== 0) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
    for (const key of pools.keys()) if (Number(key.split(' ')[1]) + hourMs <= until) pools.delete(key)
  }

  return {
    accept(samples) {
      for (const sample of samples) {
        const plan = plans.get(sample.measurement)
        if (plan !== undefined) take(plan, sample)
      }
    },
    due,
    takeUnfinished(now) {
      const until = now - graceMs
      const isUnfinished = ({ seen, hour }: OpenHour) => seen !== 'whole' && hour + hourMs <= until
      const hours = new Map<number, { everySeries: boolean; parts: HourPart[] }>()
      const partsOf = (hour: number) => {
        const known = hours.get(hour) ?? { everySeries: false, parts: [] }
        hours.set(hour, known)
        return known
      }
      if (!startHourTaken && startHour < startedAt && startHour + hourMs <= until) {
        startHourTaken = true
        partsOf(startHour).everySeries = true
      }
      for (const series of book.values()) {
        if (!series.open.some(isUnfinished)) continue
        for (const open of series.open.filter(isUnfinished)) partsOf(open.hour).parts.push(open)
        series.open = series.open.filter((open) => !isUnfinished(open))
      }
      return [...hours].map(([hour, found]) => ({ hour, ...found }))
    },
    earliest() {
      let earliest = startHourTaken || startHour === startedAt ? Number.POSITIVE_INFINITY : startHour
      for (const { open } of book.values()) for (const { hour } of open) earliest = Math.min(earliest, hour)
      return Number.isFinite(earliest) ? earliest : undefined
    },
    state: () => ({ hours: new Set([...pools.keys()].map((key) => key.split(' ')[1])).size, late }),
    size() {
      let samples = 0
      for (const { open } of book.values()) for (const { rows } of open) samples += rows.length
      return { series: book.size, samples }
    },
  }
}
