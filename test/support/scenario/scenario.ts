import type { Symptom } from '../../../src/model/fault-report.ts'
import type { IncidentAction } from '../../../src/model/incident-action.ts'
import type { ScenarioNetwork, WorldLink } from './world-network.ts'

/** What happens to the simulated network. Ratios are 0..1, times are ms. */
export type WorldEvent =
  | { readonly type: 'link'; readonly link: WorldLink; readonly up: boolean }
  | { readonly type: 'power'; readonly elements: readonly string[]; readonly on: boolean }
  /** Frozen: nothing is forwarded or answered, and yet its neighbours see light. */
  | { readonly type: 'freeze'; readonly element: string; readonly frozen: boolean }
  | { readonly type: 'agent'; readonly element: string; readonly alive: boolean }
  | { readonly type: 'echo'; readonly element: string; readonly filtered: boolean }
  | { readonly type: 'loss'; readonly link: WorldLink; readonly ratio: number; readonly towards?: string }
  | { readonly type: 'delay'; readonly link: WorldLink; readonly ms: number; readonly towards?: string }
  | { readonly type: 'jitter'; readonly link: WorldLink; readonly ms: number; readonly towards?: string }
  | { readonly type: 'load'; readonly link: WorldLink; readonly load: Load; readonly towards?: string }
  /** This host cannot send, or has no route to one element: its probes say so. */
  | { readonly type: 'sending'; readonly works: boolean; readonly element?: string }
  /** Nothing polls. */
  | { readonly type: 'polling'; readonly on: boolean }
  /** What is asked of the element is told so much later. */
  | { readonly type: 'late'; readonly element: string; readonly ms: number }
  /** Every agent takes so much longer to answer. */
  | { readonly type: 'slowAgents'; readonly ms: number }
  | { readonly type: 'store'; readonly away: boolean }
  /** Bytes of the cap. */
  | { readonly type: 'spool'; readonly fillRatio: number }
  /** Whether messages can leave. */
  | { readonly type: 'mail'; readonly works: boolean }

/** Offered traffic as a share of the capacity: the same all day when both are equal; else a daily wave. */
export interface Load {
  readonly low: number
  readonly high: number
  /** Time of day (UTC) of the highest, ms. */
  readonly peakMs: number
}

/** What people and the daemon itself do. */
export type Act =
  | { readonly type: 'restart'; readonly afterMs: number }
  | { readonly type: 'setClock'; readonly byMs: number }
  | { readonly type: 'suspend'; readonly forMs: number }
  /** An element says by itself that something happened. */
  | { readonly type: 'trap'; readonly element: string }
  | {
      readonly type: 'person'
      readonly who: string
      readonly incident: number
      /** A promised time is ms since the scenario's start. */
      readonly action: IncidentAction
    }
  | {
      readonly type: 'alarm'
      readonly who: string
      readonly alarm: string
      readonly action: TimedAlarmAction
    }
  /** Times are ms since the scenario's start. */
  | {
      readonly type: 'plan'
      readonly who: string
      readonly elements: readonly string[]
      readonly includeDownstream: boolean
      readonly start: number
      readonly durationMs: number
      /** An RRULE. */
      readonly recurrence?: string
    }
  /** Windows have numbers in the order in which they were planned, from 1. */
  | { readonly type: 'work'; readonly who: string; readonly work: number; readonly change: TimedWorkChange }
  | {
      readonly type: 'report'
      readonly service: string
      readonly symptom: Symptom
      readonly onsetMs?: number
    }

/** What a person does with an alarm; a shelf is for so many ms from then. */
export type TimedAlarmAction =
  | { readonly type: 'acknowledge' | 'unshelve' }
  | { readonly type: 'shelve'; readonly forMs: number; readonly reason: string }

export type TimedWorkChange =
  | { readonly type: 'cancel' }
  | { readonly type: 'moveEnd'; readonly endsAt: number | 'now' }

/** One incident as it must be; all that is not said must not be there. */
export interface ExpectedIncident {
  readonly line: number
  /** In the order of opening, from 1. Absent: the one of this kind with these roots. */
  readonly number?: number
  /** Absent where only the words are asked for. */
  readonly found?: { readonly kind: string; readonly roots: readonly string[] }
  /** States and `restored`, all of which must hold. */
  readonly words: readonly string[]
  readonly hidden: readonly string[]
  readonly down: readonly string[]
  readonly degraded: readonly string[]
  readonly atRisk: readonly string[]
}

/** What must be so at one time. What is absent is not asked for. */
export interface Expectation {
  readonly line: number
  readonly alarms?: readonly string[]
  readonly incidents?: readonly ExpectedIncident[]
  readonly told?: readonly string[]
}

export type Happening = { readonly at: number; readonly line: number; readonly text: string } & (
  | { readonly kind: 'world'; readonly event: WorldEvent }
  | { readonly kind: 'act'; readonly act: Act }
  | { readonly kind: 'expect'; readonly expectation: Expectation }
)

const eventsAboutDaemon: readonly WorldEvent['type'][] = ['store', 'spool', 'mail', 'slowAgents', 'sending']
const actsAboutDaemon: readonly Act['type'][] = ['setClock', 'suspend']

/** Whether something happens that is for the daemon to say of itself; in other scenarios it does not look. */
export const isAboutDaemon = (one: Happening): boolean =>
  (one.kind === 'world' && eventsAboutDaemon.includes(one.event.type)) ||
  (one.kind === 'act' && actsAboutDaemon.includes(one.act.type))

/** A setting of the daemon by its path, such as `poll.icmp.interval`. */
export interface Setting {
  readonly path: string
  readonly value: unknown
}

export interface Scenario {
  readonly file: string
  readonly title: string
  /** What the daemon does not do yet; until then the scenario must fail. */
  readonly open?: string
  readonly network: ScenarioNetwork
  readonly settings: readonly Setting[]
  /** The scenario's 00:00:00, UTC epoch milliseconds. */
  readonly startAt: number
  /** So long everything is measured before, ms. */
  readonly warmUpMs: number
  /** Between two looks at what has come together, ms; long scenarios look less often than the daemon does. */
  readonly stepMs: number
  /** So long the daemon has roll-ups of the network as it usually is, ms. */
  readonly historyMs: number
  /** In order of time. Times are ms since `startAt`. */
  readonly happenings: readonly Happening[]
  readonly endMs: number
}
