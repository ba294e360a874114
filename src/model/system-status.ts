import type { ElementId } from './network-element.ts'

/** What this host cannot send to, by any probe, more than once in a row. */
export interface UnsentElements {
  readonly elements: readonly ElementId[]
  /** So many are polled. */
  readonly polled: number
  /** What the kernel says of the first. */
  readonly problem?: string
}

/** How Faultline itself is doing, as looked at every few seconds. */
export interface SystemStatus {
  readonly polling: {
    /** Polls that ended in the last minute, and those that were skipped because the one before still ran. */
    readonly polls: number
    readonly skipped: number
    /** Times that the polling thread had to be started again, since the last look. */
    readonly restarts: number
    /** Absent: this host can send to all that it polls. */
    readonly unsent?: UnsentElements
  }
  readonly spool: {
    /** Bytes on disk divided by the cap. */
    readonly fillRatio: number
    /** Samples are being lost, because the cap or the disk is full. */
    readonly dropping: boolean
    /** Why the disk cannot be written, or what befell its files in the last ten minutes; absent: nothing. */
    readonly problem?: string
  }
  readonly state: {
    /** Why the state store keeps nothing; absent: what is written is kept. */
    readonly problem?: string
  }
  readonly store: {
    /** For how long it has not taken what it was given, ms; 0 when it takes it; absent: nothing was given yet. */
    readonly awayMs?: number
    readonly problem?: string
  }
  readonly channels: readonly {
    readonly name: string
    /** For how long no message went out by it although it was tried, ms; 0 when the last one did; absent: never tried. */
    readonly failingMs?: number
    readonly problem?: string
  }[]
  readonly messages: {
    /** Outage messages that are due and have not been sent, and for how long the first of them has been due, ms. */
    readonly overdue: number
    readonly longestMs: number
  }
  /** By how much the clock of the system moved other than time passed, since the last look, ms. */
  readonly clockJumpMs: number
}
