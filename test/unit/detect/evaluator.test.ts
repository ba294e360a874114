import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvaluator, type Evaluator } from '../../../src/detect/evaluator.ts'
import { weigh } from '../../../src/detect/threshold.ts'
import type { Rule, ValueRule } from '../../../src/model/rule.ts'

const gapMs = 30_000
const loss: ValueRule = {
  id: 'loss',
  type: 'packet-loss',
  indicator: { measurement: 'icmp', field: 'loss_ratio' },
  samples: { bad: 3, of: 5, good: 3 },
  raise: 50,
  clear: 20,
  bands: [
    { at: 50, severity: 'minor' },
    { at: 70, severity: 'major' },
    { at: 90, severity: 'critical' },
  ],
}
const lasting: ValueRule = {
  ...loss,
  forMs: 60_000,
  clearForMs: 120_000,
  samples: { bad: 1, of: 1, good: 1 },
}

/** Judges values ten seconds apart and says after each what stands. */
function judged(rule: ValueRule, values: readonly (number | null)[], everyMs = 10_000) {
  const evaluator = createEvaluator(rule, gapMs)
  return values.map((value, index) => {
    if (value !== null) evaluator.observe(weigh(rule, value, true), index * everyMs)
    const { raised, severity } = evaluator.standing()
    return raised ? severity : '-'
  })
}

describe('counts', () => {
  it('raise at N of M bad samples and clear at so many good ones in a row', () => {
    expect(judged(loss, [0, 60, 0, 60, 0, 60, 10, 10, 30, 10, 10, 10])).toEqual([
      ...['-', '-', '-', '-', '-', 'minor', 'minor', 'minor', 'minor', 'minor', 'minor', '-'],
    ])
  })

  it('tell the first bad and the first good sample', () => {
    const evaluator = createEvaluator(loss, gapMs)
    for (const [index, value] of [0, 60, 0, 60, 80, 0, 0, 0].entries())
      evaluator.observe(weigh(loss, value, true), index * 10_000)
    expect(evaluator.standing()).toMatchObject({
      raised: false,
      onsetAt: 10_000,
      restoredAt: 50_000,
      value: 80,
    })
  })

  it('say that it is clearing while good samples come, and not any more after a bad one', () => {
    const evaluator = createEvaluator(loss, gapMs)
    const clearing = [60, 60, 60, 0, 0, 60, 0].map((value, index) => {
      evaluator.observe(weigh(loss, value, true), index * 10_000)
      return evaluator.standing().clearing
    })
    expect(clearing).toEqual([false, false, false, true, true, false, true])
  })
})

describe('durations', () => {
  it('raise when every sample of so long was bad, and clear likewise', () => {
    const bad = [60, 60, 60, 60, 60, 60]
    expect(judged(lasting, [...bad, 60])).toEqual([...bad.map(() => '-'), 'minor'])
    expect(judged(lasting, [...bad, 30, ...bad]).at(-1)).toBe('-')
    const good = Array.from({ length: 12 }, () => 0)
    expect(judged(lasting, [...bad, 60, ...good]).at(-1)).toBe('minor')
    expect(judged(lasting, [...bad, 60, ...good, 0]).at(-1)).toBe('-')
  })

  it('take the severity that held all the time, and raise it when a worse one did', () => {
    const severities = judged(lasting, [95, 75, 95, 95, 95, 95, 95, 95, 95])
    expect(severities.slice(6)).toEqual(['major', 'major', 'critical'])
  })

  it('are not made of time without samples', () => {
    expect(judged(lasting, [60, null, null, 60, null, null, 60]).at(-1)).toBe('minor')
    expect(judged(lasting, [60, null, null, null, 60, null, null, null, 60, 60, 60]).at(-1)).toBe('-')
  })
})

describe('severity', () => {
  it('does not flap when values go to and fro between two bands', () => {
    const values = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 69 : 71))
    const severities = judged(loss, values).filter((severity) => severity !== '-')
    expect(severities.filter((severity, index) => severity !== severities[index - 1])).toEqual([
      'minor',
      'major',
    ])
  })

  it('falls to the worst of as many milder samples in a row as clearing takes', () => {
    expect(judged(loss, [95, 95, 95, 55, 75, 55, 55, 55, 55]).slice(2)).toEqual([
      ...['critical', 'critical', 'critical', 'major', 'major', 'major', 'minor'],
    ])
  })
})

const sample = fc.record({
  value: fc.integer({ min: 0, max: 100 }),
  afterMs: fc.constantFrom(10_000, 10_000, 10_000, 11_000, 29_000, 31_000, 90_000),
})
interface Sampled {
  readonly value: number
  readonly afterMs: number
}
const runs = fc.array(sample, { maxLength: 120 })
const anyRule = fc.record({
  samples: fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([bad, more, good]) => ({ bad, of: bad + more, good })),
  forMs: fc.constantFrom(undefined, 20_000, 60_000),
  clearForMs: fc.constantFrom(undefined, 20_000, 60_000),
})
const ruleOf = ({
  samples,
  forMs,
  clearForMs,
}: Pick<Rule, 'samples'> & { forMs: number | undefined; clearForMs: number | undefined }) => ({
  ...loss,
  samples,
  ...(forMs === undefined ? {} : { forMs }),
  ...(clearForMs === undefined ? {} : { clearForMs }),
})

/** Hands it the samples and returns when the last one was. */
function fed(evaluator: Evaluator, rule: ValueRule, samples: readonly Sampled[]): number {
  let at = 0
  for (const { value, afterMs } of samples) {
    at += afterMs
    evaluator.observe(weigh(rule, value, true), at)
  }
  return at
}

describe('for any rule and any samples', () => {
  it('values between clear and raise change nothing that stands', () => {
    fc.assert(
      fc.property(
        anyRule,
        runs,
        fc.array(fc.integer({ min: 20, max: 49 }), { maxLength: 60 }),
        (some, before, band) => {
          const rule = ruleOf(some)
          const evaluator = createEvaluator(rule, gapMs)
          let at = fed(evaluator, rule, before)
          const { raised } = evaluator.standing()
          for (const value of band) {
            at += 10_000
            evaluator.observe(weigh(rule, value, true), at)
            expect(evaluator.standing().raised).toBe(raised)
          }
        },
      ),
    )
  })

  it('it is raised and cleared only by a sample that says so, and never by the first one after a gap alone', () => {
    fc.assert(
      fc.property(anyRule, runs, (some, samples) => {
        const rule = ruleOf(some)
        const evaluator = createEvaluator(rule, gapMs)
        let at = 0
        let raised = false
        for (const { value, afterMs } of samples) {
          at += afterMs
          evaluator.observe(weigh(rule, value, true), at)
          const now = evaluator.standing().raised
          if (now && !raised) expect(value).toBeGreaterThanOrEqual(rule.raise)
          if (!now && raised) expect(value).toBeLessThan(rule.clear)
          const isAlone = afterMs > gapMs
          const needsMore =
            now !== raised &&
            isAlone &&
            (now
              ? rule.forMs !== undefined || rule.samples.bad > 1
              : rule.clearForMs !== undefined || rule.samples.good > 1)
          expect(needsMore).toBe(false)
          raised = now
        }
      }),
    )
  })

  it('agrees with a plain reading of the samples since the last gap', () => {
    fc.assert(
      fc.property(anyRule, runs, (some, samples) => {
        const rule = ruleOf(some)
        const evaluator = createEvaluator(rule, gapMs)
        let at = 0
        let seen: { value: number; at: number }[] = []
        let raised = false
        for (const { value, afterMs } of samples) {
          at += afterMs
          if (afterMs > gapMs) seen = []
          seen.push({ value, at })
          evaluator.observe(weigh(rule, value, true), at)
          const tail = (holds: (value: number) => boolean) =>
            seen.slice(seen.findLastIndex((one) => !holds(one.value)) + 1)
          const long = (run: readonly { at: number }[], ms: number) =>
            run[0] !== undefined && at - run[0].at >= ms
          const bads = tail((one) => one >= rule.raise)
          const isBad =
            rule.forMs === undefined
              ? seen.slice(-rule.samples.of).filter((one) => one.value >= rule.raise).length >=
                rule.samples.bad
              : long(bads, rule.forMs)
          const goods = tail((one) => one < rule.clear)
          const isGood =
            rule.clearForMs === undefined ? goods.length >= rule.samples.good : long(goods, rule.clearForMs)
          if (raised && isGood) {
            raised = false
            seen = []
          } else if (!raised && isBad) {
            raised = true
            // Good samples from before do not clear it.
            seen = seen.filter((one) => one.value >= rule.clear || one.at === at)
          }
          expect(evaluator.standing().raised).toBe(raised)
        }
      }),
    )
  })

  it('a new one says the same as one that is idle', () => {
    fc.assert(
      fc.property(anyRule, runs, runs, (some, before, after) => {
        const rule = ruleOf(some)
        const worn = createEvaluator(rule, gapMs)
        let at = fed(worn, rule, before)
        fc.pre(worn.isIdle())
        const fresh = createEvaluator(rule, gapMs)
        for (const { value, afterMs } of after) {
          at += afterMs
          for (const one of [worn, fresh]) one.observe(weigh(rule, value, true), at)
          expect(worn.standing().raised).toBe(fresh.standing().raised)
          expect(worn.standing().raised && worn.standing().severity).toBe(
            fresh.standing().raised && fresh.standing().severity,
          )
        }
      }),
    )
  })
})
