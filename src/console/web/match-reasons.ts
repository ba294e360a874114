import type { MatchView } from '../../api/views/fault-report-schemas.ts'
import { h } from './dom.ts'

/** The rows that make up a score, as a person reads them. */
export function reasonsOf(match: MatchView): Node {
  return h(
    'ul',
    { class: 'reasons' },
    match.reasons.map((reason) =>
      h(
        'li',
        {},
        h(
          'span',
          { class: 'points' },
          `${reason.points >= 0 ? '+' : '−'}${Math.abs(reason.points).toFixed(2)}`,
        ),
        reason.text,
      ),
    ),
  )
}
