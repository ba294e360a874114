import { createPathDay } from './path-day.ts'
import type { PeakSettings } from './peak-calendar.ts'
import type { History } from './rollup-history.ts'
import { createTrafficDay } from './traffic-day.ts'

/** What a daily job reads of one element, and makes of it. Everything comes from stored roll-ups. */
export const createElementDay = (history: History, settings: PeakSettings) => ({
  ...createTrafficDay(history, settings),
  ...createPathDay(history, settings),
})
