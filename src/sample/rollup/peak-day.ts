import { type Sample, sampleOf } from '../../model/sample.ts'
import { type FiveMinutes, type PeakHour, peakHourOf, type SpanFigures, spanFiguresOf } from './peak-hour.ts'
import { adphOf, type ConsistentHour } from './trailing-peaks.ts'

/** One series (of one direction) on one local day. */
export interface PeakDayInput {
  readonly day: { readonly from: number; readonly to: number }
  readonly window: { readonly from: number; readonly to: number }
  /** Time between two polls, ms. */
  readonly intervalMs: number
  /** Of the day, and of its window where that reaches into the next day. */
  readonly fives: FiveMinutes
  /** Means of the peak hours of the trailing days, this one left out. */
  readonly earlierPeaks: readonly number[]
  readonly tcbh: ConsistentHour | undefined
}

/** What a local day was like: its peak hour, its fixed window, and the days that it ends. */
export interface PeakDay {
  readonly from: number
  readonly whole: SpanFigures
  readonly window: SpanFigures
  readonly peak?: PeakHour
  readonly adph?: number
  readonly tcbh?: ConsistentHour
  readonly trailingDays: number
}

/** Undefined when nothing was measured on that day. */
export function peakDayOf(input: PeakDayInput): PeakDay | undefined {
  const { day, intervalMs, fives, earlierPeaks, tcbh } = input
  const whole = spanFiguresOf(fives, day, intervalMs)
  const window = spanFiguresOf(fives, input.window, intervalMs)
  if (whole.samples === 0 && window.samples === 0) return undefined
  const peak = peakHourOf(fives, day)
  const peaks = peak === undefined ? earlierPeaks : [...earlierPeaks, peak.mean]
  const adph = adphOf(peaks)
  return {
    from: day.from,
    whole,
    window,
    ...(peak === undefined ? {} : { peak }),
    ...(adph === undefined ? {} : { adph }),
    ...(tcbh === undefined ? {} : { tcbh }),
    trailingDays: peaks.length,
  }
}

const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const counts = ({ whole, window, peak, tcbh, trailingDays }: PeakDay) => ({
  samples: whole.samples,
  coverage: whole.coverage,
  window_samples: window.samples,
  window_coverage: window.coverage,
  trailing_days: trailingDays,
  peak_start_at: peak?.startAt,
  tcbh_hour: tcbh?.hour,
})

const whole = (value: number | undefined) => (value === undefined ? undefined : Math.round(value))

/** The row of an interface and direction. Bit/s are told in whole ones. */
export function interfacePeakSample(
  tags: { readonly element: string; readonly interface: string; readonly direction: 'in' | 'out' },
  day: PeakDay,
  speedBps: number | undefined,
): Sample {
  const { window, peak, adph, tcbh } = day
  const fields = {
    ...counts(day),
    peak_mean_bps: whole(peak?.mean),
    peak_p95_bps: whole(peak?.p95),
    peak_max_bps: whole(peak?.max),
    window_mean_bps: whole(window.mean),
    window_p95_bps: whole(window.p95),
    window_max_bps: whole(window.max),
    adph_bps: whole(adph),
    tcbh_bps: whole(tcbh?.mean),
    speed_bps: speedBps,
  }
  return sampleOf('interface_peak_day', tags, defined(fields), day.from)
}

/** What else the window was like on the path to an element. */
export interface WindowQuality {
  readonly loss_ratio?: number
  readonly jitter_ms?: number
}

/** The row of an element's round-trip times: its peak hour is the slowest one. */
export function icmpPeakSample(
  tags: { readonly element: string; readonly vantage: string },
  day: PeakDay,
  quality: WindowQuality,
): Sample {
  const { window, peak, adph, tcbh } = day
  const fields = {
    ...counts(day),
    peak_mean_ms: peak?.mean,
    peak_p95_ms: peak?.p95,
    peak_max_ms: peak?.max,
    window_mean_ms: window.mean,
    window_p95_ms: window.p95,
    window_max_ms: window.max,
    window_loss_ratio: quality.loss_ratio,
    window_jitter_ms: quality.jitter_ms,
    adph_ms: adph,
    tcbh_ms: tcbh?.mean,
  }
  return sampleOf('icmp_peak_day', tags, defined(fields), day.from)
}
