import type { MaintenanceWindow } from '../../src/model/maintenance-window.ts'

const hour = 3_600_000

/** A window of four hours on agg1, once, with what is said about it laid over. */
export const windowOf = (id: string, over: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  id,
  title: `work ${id}`,
  elements: ['agg1'],
  includeDownstream: true,
  start: 10 * hour,
  durationMs: 4 * hour,
  timeZone: 'Europe/Berlin',
  moved: [],
  createdBy: 'li',
  createdAt: 0,
  version: 1,
  updatedAt: 0,
  ...over,
})

/** `every('FREQ=DAILY')` as the recurrence of a window. */
export const every = (rule: string, ...exclude: readonly number[]) => ({ recurrence: { rule, exclude } })
