import type { SeverityBand, ValueRule } from '../model/rule.ts'
import { type BadVerdict, between, good, type Verdict } from './verdict.ts'

/** What a bad verdict shows, where it is not the number that was compared. */
export type Shown = Pick<BadVerdict, 'value' | 'limit' | 'detail'>

/** Compares a number with the limits of a rule: 1 for bad, 0 for neither, -1 for good. */
export const sideOf = ({ direction, raise, clear }: ValueRule, value: number): -1 | 0 | 1 => {
  if (direction === 'below') return value <= raise ? 1 : value > clear ? -1 : 0
  return value >= raise ? 1 : value < clear ? -1 : 0
}

/** The severity of a bad number: that of the gravest band that it reached, else the mildest. */
export function severityOf({ direction, bands }: ValueRule, value: number): BadVerdict['severity'] {
  const isReached = ({ at }: SeverityBand) => (direction === 'below' ? value <= at : value >= at)
  return (bands.findLast(isReached) ?? bands[0])?.severity ?? 'indeterminate'
}

/** What a number says under a rule, at a time at which it may raise or not. */
export function weigh(rule: ValueRule, value: number, mayRaise: boolean, shown?: Shown): Verdict {
  const side = sideOf(rule, value)
  if (side < 0) return good
  if (side === 0 || !mayRaise) return between
  return { kind: 'bad', severity: severityOf(rule, value), ...(shown ?? { value, limit: rule.raise }) }
}
