import type { ElementState, Reach } from '../model/network-state.ts'
import { type ElementWatch, isDark, ownCell } from './element-watch.ts'

/**
 * What the polls of an element say now; the same object as last time when nothing changed. Data that stayed away for
 * three intervals, counted from `bornAt` when there never was any, makes it `unknown`, even while its alarm stands.
 * While its alarm is flapping it counts as dark, since the alarm's onset and without the answers in between: root cause and
 * incidents stand still until it is stable.
 */
export function elementState(watch: ElementWatch, bornAt: number, now: number): ElementState {
  const { reach, heardAt, staleMs, published: before } = watch
  const unsent = watch.unsent?.current()
  const unreachable = ownCell(watch, 'unreachable')?.alarm
  const dark = isDark(watch) || unreachable?.phase === 'flapping' ? unreachable : undefined
  const missingSince = reach.missingSince()
  const answerAt = dark && reach.lastAnswerAt() > dark.onsetAt ? -Infinity : reach.lastAnswerAt()
  const hasAnswered = Number.isFinite(answerAt)

  const is = (kind: Reach, since: number): ElementState => {
    const agentSilent = !dark && ownCell(watch, 'agent-silent')?.alarm !== undefined
    return before?.reach === kind &&
      before.since === since &&
      before.agentSilent === agentSilent &&
      before.unsent === unsent &&
      before.lastAnswerAt === (hasAnswered ? answerAt : undefined)
      ? before
      : {
          reach: kind,
          since,
          ...(hasAnswered ? { lastAnswerAt: answerAt } : {}),
          agentSilent,
          ...(unsent ? { unsent } : {}),
        }
  }
  if (now - (heardAt ?? bornAt) > staleMs) return is('unknown', heardAt ?? bornAt)
  if (dark) return is('dark', dark.onsetAt)
  if (missingSince !== undefined) return is('missing', missingSince)
  if (!hasAnswered) return is('unknown', bornAt)
  return is('answering', before?.reach === 'answering' ? before.since : answerAt)
}
