import type { InterfaceName } from './interface.ts'
import type { ElementId } from './network-element.ts'

/** What of the capacity may be used at the busy hour before it is too little, as a ratio. */
export const fullAt = 0.8

/** One direction of an interface at the busy hours of some days, bit/s. */
export interface DirectionBusyHour {
  /** Mean of the daily peak hours. */
  readonly meanBps: number
  /** Mean over the days of the 95th percentile of the peak hour's 5-minute rates. */
  readonly p95Bps?: number
  /** The busiest of the daily peak hours. */
  readonly highestBps: number
  /** Mean over the days of the fixed window. */
  readonly windowMeanBps?: number
  /** The clock hour (0..23, local) that is busiest on the average of the last days, and its mean. */
  readonly tcbhHour?: number
  readonly tcbhBps?: number
  /** 95th percentile (nearest rank) of all 5-minute rates of the range; absent where it was not asked for. */
  readonly ratesP95Bps?: number
}

/** When the busy hour reaches 80 % of the capacity, by a straight line through its days. */
export type Forecast =
  /** The line is there already. */
  | { readonly state: 'reached' }
  /** Local date. */
  | { readonly state: 'expected'; readonly date: string }
  /** It does not rise, or not within ten years. */
  | { readonly state: 'notInSight' }
  /** Fewer than seven days, or no capacity. */
  | { readonly state: 'unknown' }

export interface InterfaceBusyHour {
  readonly element: ElementId
  readonly interface: InterfaceName
  /** Days with a peak hour. */
  readonly days: number
  readonly speedBps?: number
  readonly in?: DirectionBusyHour
  readonly out?: DirectionBusyHour
  /** Busy-hour mean divided by the capacity, in the fuller direction. */
  readonly utilisation?: number
  /** Capacity less the busy-hour mean of the fuller direction; below 0 when there is none left. */
  readonly headroomBps?: number
  /** Days whose peak hour took more than 80 % of the capacity, in any direction. */
  readonly daysOver: number
  readonly forecast: Forecast
}

/**
 * The interfaces of an element together. Their busy hours need not be at the same time, so sums of them are what it would
 * carry if they were; nor is a sum of percentiles that of the sums.
 */
export interface ElementBusyHour {
  readonly element: ElementId
  readonly interfaces: number
  /** Sums of the busy-hour means. */
  readonly inMeanBps: number
  readonly outMeanBps: number
  /** Sums of the percentiles of a direction; absent where no interface has any. */
  readonly inP95Bps?: number
  readonly outP95Bps?: number
  readonly inRatesP95Bps?: number
  readonly outRatesP95Bps?: number
  /** The fullest interface, and what it has left, where any has a capacity. */
  readonly fullest?: {
    readonly interface: InterfaceName
    readonly utilisation: number
    readonly headroomBps: number
  }
  /** Days on which any interface was over 80 %. */
  readonly daysOver: number
  /** The earliest of its interfaces. */
  readonly forecast: Forecast
}

export interface BusyHourReport {
  /** UTC epoch ms, `to` exclusive: the local days that begin within. */
  readonly from: number
  readonly to: number
  /** The fullest first. */
  readonly interfaces: readonly InterfaceBusyHour[]
  readonly elements: readonly ElementBusyHour[]
}
