import type { BusyHourReport } from '../model/busy-hour.ts'
import { rfc3339 } from './parameters.ts'
import type { BusyHourView } from './views/busy-hour-schemas.ts'

/** The report as it is served and printed. */
export const busyHourView = ({ from, to, interfaces, elements }: BusyHourReport): BusyHourView => ({
  from: rfc3339(from),
  to: rfc3339(to),
  interfaces: interfaces.map((one) => ({ ...one })),
  elements: elements.map((one) => ({ ...one })),
})
