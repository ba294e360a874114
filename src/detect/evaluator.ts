import type { Rule } from '../model/rule.ts'
import { type Severity, severities } from '../model/severity.ts'
import type { Verdict } from './verdict.ts'

/** What the samples of one series come to under one rule. */
export interface Standing {
  readonly raised: boolean
  /** Raised, and the latest samples are good, but not enough of them yet. */
  readonly clearing: boolean
  readonly severity: Severity
  /** First bad sample of those that raised it. */
  readonly onsetAt: number
  /** First good sample of those that cleared it; 0 before. */
  readonly restoredAt: number
  /** Of the last bad sample. */
  readonly value?: number
  readonly limit?: number
  readonly detail?: string
}

export interface Evaluator {
  /** What a later sample of the series says; one that comes late is ignored. */
  observe(verdict: Verdict, at: number): void
  standing(): Standing
  /** Not raised, and no bad sample remembered: the same as a new one. */
  isIdle(): boolean
}

/** What is known of an alarm that stood before a restart. */
export type StoodBefore = Pick<Standing, 'severity' | 'onsetAt' | 'value' | 'limit' | 'detail'>

/** Good, and neither, as grades; a bad sample's grade is the place of its severity. */
const goodGrade = -2
const betweenGrade = -1

/**
 * Judges one series by one rule. Quiet until N of the last M samples are bad, or all of them for a while; then raised
 * until enough samples in a row are good, whatever lies between neither. The severity is the worst that as many samples
 * reached as raising takes, so one worse burst does not make it jump; it falls when as many samples in a row were below
 * it as clearing takes, so it does not flap between two bands either.
 *
 * Durations are those between samples. After a gap longer than `gapMs` the samples before it count no more, neither for
 * nor against: nothing is raised or cleared out of a gap. A clock that is set back by more than that is a gap too.
 */
export function createEvaluator(
  rule: Pick<Rule, 'samples' | 'forMs' | 'clearForMs'>,
  gapMs: number,
  before?: StoodBefore,
): Evaluator {
  const { samples, forMs, clearForMs } = rule
  /** The last M grades, the oldest first, and when the bad ones were. */
  let recent: { readonly grade: number; readonly at: number }[] = []
  /** Since when every sample was that grave or graver, by grade. */
  const runs: number[] = severities.map(() => Number.POSITIVE_INFINITY)
  let lastAt = Number.NEGATIVE_INFINITY
  let raised = before !== undefined
  let grade = before === undefined ? 0 : severities.indexOf(before.severity)
  let onsetAt = before?.onsetAt ?? 0
  let restoredAt = 0
  let shown: Pick<Standing, 'value' | 'limit' | 'detail'> = shownOf(before ?? {})
  /** Good samples in a row, and samples in a row below the severity that stands. */
  const goods = createRun(samples.good, clearForMs)
  const milder = createRun(samples.good, clearForMs)
  let mildest = betweenGrade

  /** The worst grade that raising would take now; below 0 for none. */
  const reached = (): number => {
    if (forMs !== undefined) return runs.findLastIndex((since) => lastAt - since >= forMs)
    let grave = severities.length
    for (let count = 0; count < samples.bad; ) {
      grave--
      if (grave < 0) return betweenGrade
      for (const one of recent) if (one.grade === grave) count++
    }
    return grave
  }

  const remember = (next: number) => {
    for (const level of runs.keys())
      runs[level] = level <= next ? Math.min(runs[level] ?? lastAt, lastAt) : Number.POSITIVE_INFINITY
    if (forMs !== undefined) return
    recent.push({ grade: next, at: lastAt })
    if (recent.length > samples.of) recent.shift()
  }

  const forget = () => {
    recent = []
    runs.fill(Number.POSITIVE_INFINITY)
    goods.end()
    milder.end()
  }

  const whileQuiet = () => {
    const worst = reached()
    if (worst < 0) return
    raised = true
    grade = worst
    onsetAt = forMs === undefined ? (recent.find((one) => one.grade >= 0)?.at ?? lastAt) : (runs[0] ?? lastAt)
  }

  const whileRaised = (next: number) => {
    const worst = reached()
    if (worst > grade) {
      grade = worst
      milder.end()
    } else if (next >= grade) milder.end()
    else {
      if (milder.isEmpty()) mildest = betweenGrade
      mildest = Math.max(mildest, next)
      if (milder.add(lastAt) && mildest >= 0) {
        grade = mildest
        milder.end()
      }
    }
    if (next !== goodGrade) goods.end()
    else if (goods.add(lastAt)) {
      raised = false
      restoredAt = goods.since()
      forget()
    }
  }

  return {
    observe(verdict, at) {
      if (at <= lastAt && lastAt - at <= gapMs) return
      if (Math.abs(at - lastAt) > gapMs) forget()
      lastAt = at
      if (verdict.kind === 'bad') shown = shownOf(verdict)
      const next =
        verdict.kind === 'bad'
          ? severities.indexOf(verdict.severity)
          : verdict.kind === 'good'
            ? goodGrade
            : betweenGrade
      remember(next)
      if (raised) whileRaised(next)
      else whileQuiet()
    },
    standing: () => ({
      raised,
      clearing: raised && !goods.isEmpty(),
      severity: severities[grade] ?? 'indeterminate',
      onsetAt,
      restoredAt,
      ...shown,
    }),
    isIdle: () =>
      !raised && runs[0] === Number.POSITIVE_INFINITY && recent.every((sample) => sample.grade < 0),
  }
}

const shownOf = ({ value, limit, detail }: Partial<Standing>) => ({
  ...(value === undefined ? {} : { value }),
  ...(limit === undefined ? {} : { limit }),
  ...(detail === undefined ? {} : { detail }),
})

/** Samples in a row, until there are so many of them, or until they span so long. */
function createRun(enough: number, longMs: number | undefined) {
  let count = 0
  let first = 0
  return {
    isEmpty: () => count === 0,
    since: () => first,
    /** Whether that makes it long enough. */
    add(at: number): boolean {
      if (count++ === 0) first = at
      return longMs === undefined ? count >= enough : at - first >= longMs
    },
    end() {
      count = 0
    },
  }
}
