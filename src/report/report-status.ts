import type { ReportStatus } from '../model/fault-report.ts'

/** Which status may follow which; rejected, cancelled and closed are final (the life cycle of TMF621). */
const next: Readonly<Record<ReportStatus, readonly ReportStatus[]>> = {
  acknowledged: ['inProgress', 'pending', 'held', 'rejected', 'cancelled', 'resolved'],
  inProgress: ['pending', 'held', 'cancelled', 'resolved'],
  pending: ['inProgress', 'held', 'cancelled', 'resolved'],
  held: ['inProgress', 'pending', 'cancelled', 'resolved'],
  resolved: ['inProgress', 'closed'],
  rejected: [],
  cancelled: [],
  closed: [],
}

export const mayBecome = (from: ReportStatus, to: ReportStatus): boolean => next[from].includes(to)

/** Someone still waits for an answer. */
export const openStatuses: readonly ReportStatus[] = ['acknowledged', 'inProgress', 'pending', 'held']
export const isOpenReport = (report: { readonly status: ReportStatus }): boolean =>
  openStatuses.includes(report.status)
