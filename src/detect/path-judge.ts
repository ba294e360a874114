import type { ElementId } from '../model/network-element.ts'
import type { PathParts, ValueRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import { mosOf, voiceQuality } from './e-model.ts'
import type { WindowTest } from './rule-window.ts'
import type { SampleJudge } from './sample-judge.ts'
import { numberOf, readerOf } from './sample-value.ts'
import { severityOf, sideOf } from './threshold.ts'
import { valueText } from './value-text.ts'
import { between, good } from './verdict.ts'

/** How full the fullest port on the way to an element is, as a ratio; NaN where nothing was measured of late. */
export type LoadTo = (element: ElementId, at: number) => number

/** Short of this share of its limit a part is good. */
const partClear = 0.8

/** What a burst is graded by, in the order of the text. */
interface Part {
  readonly value: number
  readonly limit: number | undefined
  readonly text: string
}

/**
 * Grades a path by several indicators at once: the rule's own, and each part that has a limit. The text names all of
 * them. A burst without a round-trip time is no path to grade.
 */
export function pathJudge(rule: ValueRule, loadTo: LoadTo, isOpen: WindowTest | undefined): SampleJudge {
  const read = readerOf(rule)
  const limits = rule.parts ?? {}
  const mildest = rule.bands[0]?.severity ?? 'indeterminate'
  return {
    rule,
    judge(sample, tell) {
      const value = read(sample)
      if (Number.isNaN(value)) return
      const own = sideOf(rule, value)
      const load = limits.loadRatio === undefined ? Number.NaN : loadTo(sample.tags.element ?? '', sample.at)
      const side = Math.max(own, sideOfParts(limits, sample, load))
      if (side < 0) {
        tell(sample, rule, good)
        return
      }
      if (side === 0 || !(isOpen?.(sample.at) ?? true)) {
        tell(sample, rule, between)
        return
      }
      const severity = own > 0 ? severityOf(rule, value) : mildest
      tell(sample, rule, {
        kind: 'bad',
        severity,
        value,
        limit: rule.raise,
        detail: partsText(limits, sample, load),
      })
    },
  }
}

const sideOfPart = (value: number, limit: number | undefined): -1 | 0 | 1 =>
  limit === undefined || !(value >= limit * partClear) ? -1 : value >= limit ? 1 : 0

const sideOfParts = (limits: PathParts, { fields }: Sample, load: number): number =>
  Math.max(
    sideOfPart(numberOf(fields.loss_ratio), limits.lossRatio),
    sideOfPart(numberOf(fields.rtt_avg_ms), limits.rttMs),
    sideOfPart(numberOf(fields.jitter_ms), limits.jitterMs),
    sideOfPart(load, limits.loadRatio),
  )

/** `R 58, MOS 3; loss 12 % (too much), round trip 80 ms, jitter 22 ms, fullest port 93 %`. */
function partsText(limits: PathParts, { fields }: Sample, load: number): string {
  const lossRatio = numberOf(fields.loss_ratio)
  const rttMs = numberOf(fields.rtt_avg_ms)
  const jitterMs = numberOf(fields.jitter_ms)
  const r = voiceQuality({ lossRatio, rttMs, jitterMs })
  const part = (name: string, value: number, unit: string, limit: number | undefined): Part => ({
    value,
    limit,
    text: `${name} ${valueText(value, unit)}`,
  })
  const parts = [
    part('loss', lossRatio, 'ratio', limits.lossRatio),
    part('round trip', rttMs, 'ms', limits.rttMs),
    part('jitter', jitterMs, 'ms', limits.jitterMs),
    part('fullest port', load, 'ratio', limits.loadRatio),
  ]
  const told = parts
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ value, limit, text }) => (sideOfPart(value, limit) > 0 ? `${text} (too much)` : text))
  return `R ${valueText(r, '')}, MOS ${valueText(mosOf(r), '')}; ${told.join(', ')}`
}
