import type { RelativeTo, ValueRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { WindowTest } from './rule-window.ts'
import type { SampleJudge, Tell } from './sample-judge.ts'
import { isWhollyLost, type ReadValue, readerOf } from './sample-value.ts'
import { weigh } from './threshold.ts'
import { unitOf, valueText } from './value-text.ts'
import { good, type Verdict } from './verdict.ts'

/** One number of a series that others are compared with. */
export interface Reference {
  /** Judges the samples of one other series against it. */
  follow(rule: RelativeRule, isOpen: WindowTest | undefined): SampleJudge
  /** A sample of the reference itself. */
  accept(sample: Sample): void
}

export type RelativeRule = ValueRule & { readonly relativeTo: RelativeTo }

interface Point {
  readonly at: number
  readonly value: number
}

/**
 * A sample is compared with the reference's sample of the same cycle: the nearest one, less than `nearMs` apart. One
 * that comes before its reference waits for it, so the order within a cycle makes no difference; where there is none,
 * nothing is said. A burst of the reference that was lost whole is none: a dark reference makes nobody good.
 */
export function createReference(read: ReadValue, nearMs: number): Reference {
  const followers = new Set<(point: Point) => void>()
  let latest: Point | undefined
  let before: Point | undefined

  const nearest = (at: number): Point | undefined => {
    let found: Point | undefined
    for (const point of [latest, before]) {
      const apart = point === undefined ? nearMs : Math.abs(point.at - at)
      if (apart < (found === undefined ? nearMs : Math.abs(found.at - at))) found = point
    }
    return found
  }

  return {
    follow(rule, isOpen) {
      const readOwn = readerOf(rule)
      const weighOwn = relativeWeight(rule, isOpen)
      let waiting: { readonly sample: Sample; readonly tell: Tell } | undefined
      followers.add((point) => {
        if (waiting === undefined || Math.abs(waiting.sample.at - point.at) >= nearMs) return
        const { sample, tell } = waiting
        waiting = undefined
        tell(sample, rule, weighOwn(sample, readOwn(sample), point.value))
      })
      return {
        rule,
        judge(sample, tell) {
          const value = readOwn(sample)
          if (Number.isNaN(value)) return
          const point = nearest(sample.at)
          waiting = point === undefined ? { sample, tell } : undefined
          if (point !== undefined) tell(sample, rule, weighOwn(sample, value, point.value))
        },
        forget() {
          waiting = undefined
        },
      }
    },
    accept(sample) {
      const value = read(sample)
      if (Number.isNaN(value) || isWhollyLost(sample)) return
      before = latest
      latest = { at: sample.at, value }
      for (const follower of followers) follower(latest)
    },
  }
}

function relativeWeight(rule: RelativeRule, isOpen: WindowTest | undefined) {
  const { element, interface: port, by, floor } = rule.relativeTo
  const unit = unitOf(rule)
  const name = port === undefined ? element : `${element}[${port}]`
  return ({ at }: Sample, value: number, reference: number): Verdict => {
    if (floor !== undefined && value < floor) return good
    const left = by === 'difference' ? value - reference : ratioOf(value, reference)
    const limit = by === 'difference' ? reference + rule.raise : reference * rule.raise
    const detail = `${name} has ${valueText(reference, unit)}`
    return weigh(rule, left, isOpen?.(at) ?? true, { value, limit, detail })
  }
}

/** Nothing is as much as nothing. */
const ratioOf = (value: number, reference: number): number =>
  value === 0 && reference === 0 ? 1 : value / reference
