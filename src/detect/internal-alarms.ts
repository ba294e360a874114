import { type AlarmType, type SystemAlarmType, systemAlarmTypes } from '../model/alarm.ts'
import type { Severity } from '../model/severity.ts'
import type { SystemStatus, UnsentElements } from '../model/system-status.ts'
import type { CellRule } from './alarm-cell.ts'
import { between, good, type Verdict } from './verdict.ts'

/** What one look at Faultline itself says about one part of it. */
export interface InternalVerdict {
  readonly part: string
  readonly type: SystemAlarmType
  /** Absent: nothing is known, and nothing changes. */
  readonly verdict?: Verdict
}

const minuteMs = 60_000
const tenMinutesMs = 10 * minuteMs

/** How many looks raise and clear. What happens in an instant is shown for ten minutes. */
const counts: Readonly<Record<SystemAlarmType, Omit<CellRule, 'id'>>> = {
  'poller-late': { samples: { bad: 3, of: 3, good: 6 } },
  'poller-restarted': { samples: { bad: 1, of: 1, good: 1 }, clearForMs: tenMinutesMs },
  'cannot-send': { samples: { bad: 2, of: 2, good: 2 } },
  'spool-nearly-full': { samples: { bad: 2, of: 2, good: 2 } },
  'disk-failing': { samples: { bad: 2, of: 2, good: 2 } },
  'store-away': { samples: { bad: 1, of: 1, good: 3 } },
  'notifier-failing': { samples: { bad: 1, of: 1, good: 2 } },
  'clock-jumped': { samples: { bad: 1, of: 1, good: 1 }, clearForMs: tenMinutesMs },
}

export const internalRule = (type: AlarmType): CellRule => ({
  id: `internal:${type}`,
  ...(isSystemType(type) ? counts[type] : { samples: { bad: 1, of: 1, good: 1 } }),
})

const isSystemType = (type: AlarmType): type is SystemAlarmType =>
  systemAlarmTypes.some((known) => known === type)

/** Limits from the mildest on; short of `clear` all is well. */
interface Limits {
  readonly clear: number
  readonly bands: readonly (readonly [at: number, severity: Severity])[]
}

const late: Limits = {
  clear: 0.01,
  bands: [
    [0.05, 'minor'],
    [0.2, 'major'],
  ],
}
const full: Limits = {
  clear: 0.7,
  bands: [
    [0.8, 'minor'],
    [0.95, 'major'],
  ],
}
const away: Limits = {
  clear: 1,
  bands: [
    [minuteMs, 'major'],
    [15 * minuteMs, 'critical'],
  ],
}
const failing: Limits = {
  clear: 1,
  bands: [
    [5 * minuteMs, 'major'],
    [30 * minuteMs, 'critical'],
  ],
}
const overdue: Limits = { clear: minuteMs, bands: failing.bands }
/** NTP slews without a jump; what is stepped by less does no harm. */
const jumpMs = 2_000
/** Of fewer polls a share says nothing. */
const leastPolls = 10

function weigh(value: number, { clear, bands }: Limits, detail: string): Verdict {
  const [limit] = bands[0] ?? [Number.POSITIVE_INFINITY]
  if (value < clear) return good
  if (value < limit) return between
  const [, severity] = bands.findLast(([at]) => at <= value) ?? []
  return { kind: 'bad', severity: severity ?? 'major', value, limit, detail }
}

const bad = (severity: Severity, detail: string): Verdict => ({ kind: 'bad', severity, detail })
const percent = (ratio: number) => `${Math.round(ratio * 1000) / 10} %`
const minutes = (ms: number) => `${Math.max(1, Math.round(ms / minuteMs))} min`
const because = (problem: string | undefined) => (problem === undefined ? '' : `: ${problem}`)

/** Names that an alarm shows; it tells how many there are. */
const mostNames = 5

/** All of them: then it is also blind, and that is an incident. */
function cannotSend({ elements, polled, problem }: UnsentElements): Verdict {
  const count = elements.length
  const names = elements.slice(0, mostNames).join(', ')
  const others = count > mostNames ? ` and ${count - mostNames} more` : ''
  return {
    kind: 'bad',
    severity: count === polled ? 'critical' : 'major',
    value: count,
    limit: 1,
    detail: `this host cannot send to ${count} of ${polled} elements (${names}${others})${because(problem)}`,
  }
}

/** What a look at Faultline itself says: pure, and about each part in turn. */
export function internalAlarms({
  polling,
  spool,
  state,
  store,
  channels,
  messages,
  clockJumpMs,
}: SystemStatus): readonly InternalVerdict[] {
  const { polls, skipped, restarts, unsent } = polling
  const share = skipped / Math.max(1, polls + skipped)
  const jumpedMs = Math.abs(clockJumpMs)
  return [
    {
      part: 'polling',
      type: 'poller-late',
      ...(polls + skipped < leastPolls
        ? {}
        : {
            verdict: weigh(
              share,
              late,
              `${percent(share)} of the polls of the last minute were skipped because the one before still ran`,
            ),
          }),
    },
    {
      part: 'polling',
      type: 'poller-restarted',
      verdict: restarts > 0 ? bad('major', 'the polling thread died and is started again') : good,
    },
    { part: 'polling', type: 'cannot-send', verdict: unsent === undefined ? good : cannotSend(unsent) },
    {
      part: 'spool',
      type: 'spool-nearly-full',
      verdict: spool.dropping
        ? bad('critical', 'the oldest samples are being lost')
        : weigh(spool.fillRatio, full, `${percent(spool.fillRatio)} of its cap`),
    },
    {
      part: 'spool',
      type: 'disk-failing',
      verdict: spool.problem === undefined ? good : bad('critical', spool.problem),
    },
    {
      part: 'state store',
      type: 'disk-failing',
      verdict: state.problem === undefined ? good : bad('critical', `nothing is kept: ${state.problem}`),
    },
    {
      part: 'sample store',
      type: 'store-away',
      ...(store.awayMs === undefined
        ? {}
        : { verdict: weigh(store.awayMs, away, `for ${minutes(store.awayMs)}${because(store.problem)}`) }),
    },
    ...channels.map(
      ({ name, failingMs, problem }): InternalVerdict => ({
        part: `channel ${name}`,
        type: 'notifier-failing',
        ...(failingMs === undefined
          ? {}
          : {
              verdict: weigh(
                failingMs,
                failing,
                `nothing went out by ${name} for ${minutes(failingMs)}${because(problem)}`,
              ),
            }),
      }),
    ),
    {
      part: 'messages',
      type: 'notifier-failing',
      verdict: weigh(
        messages.longestMs,
        overdue,
        `${messages.overdue} are overdue, the first for ${minutes(messages.longestMs)}`,
      ),
    },
    {
      part: 'clock',
      type: 'clock-jumped',
      verdict:
        jumpedMs < jumpMs
          ? good
          : bad(
              'major',
              `by ${Math.round(clockJumpMs / 100) / 10} s ${clockJumpMs < 0 ? 'back' : 'forward'}`,
            ),
    },
  ]
}
