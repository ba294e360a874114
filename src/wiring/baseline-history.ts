import type { Baseline, Baselines } from '../detect/baseline.ts'
import { type StoredHour, sameHoursBefore, usualOf } from '../detect/usual.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Zone } from '../model/zone.ts'
import { FaultlineError } from '../platform/errors.ts'
import { type History, isFieldOf } from './rollup-history.ts'

export interface BaselineHistoryDeps {
  readonly baselines: Pick<Baselines, 'wanted'>
  readonly history: History
  zoneOf(element: ElementId): Zone
}

const hourMs = 3_600_000
/** So long before an hour begins what is usual in it is read. */
const aheadMs = 20 * 60_000
/** From so many elements on a question is about all of them at once. */
const manyElements = 20

/** What is asked of the store at once: one field of one measurement, of the same past hours. */
interface Question {
  readonly measurement: 'icmp_hour' | 'stamp_hour' | 'interface_hour'
  readonly middle: string
  readonly p95: string
  /** The hour that is looked forward to, and those that are looked back on. */
  readonly hour: number
  readonly past: readonly number[]
  readonly baselines: Baseline[]
}

/**
 * Fills in what is usual in the hour that runs, and in the next one shortly before it begins, from the roll-ups of hours
 * in the store. Nothing else is kept, so a restart loses nothing and a week's worth of memory is not needed.
 * @throws as a SampleStore's query does; what was not reached is still wanted at the next call.
 */
export function createBaselineHistory({ baselines, history, zoneOf }: BaselineHistoryDeps) {
  return async (now: number): Promise<void> => {
    const hour = Math.floor(now / hourMs) * hourMs
    const hours = hour + hourMs - now <= aheadMs ? [hour, hour + hourMs] : [hour]
    for (const one of hours) for (const question of questionsFor(one)) await answer(question)
  }

  /** Grouped, since thousands of series look back on the same hours. */
  function questionsFor(hour: number): Iterable<Question> {
    const pastOf = new Map<string, readonly number[]>()
    const questions = new Map<string, Question>()
    for (const baseline of baselines.wanted()) {
      if (baseline.knows(hour)) continue
      const { measurement, field, element, history: settings } = baseline
      const zone = zoneOf(element)
      const pastKey = `${zone.name} ${settings.weeks}`
      const past = pastOf.get(pastKey) ?? sameHoursBefore(zone, hour, settings.weeks)
      pastOf.set(pastKey, past)
      const key = `${measurement} ${field} ${past.join()}`
      const question = questions.get(key) ?? {
        measurement: `${measurement}_hour` as const,
        // Most bursts lose nothing: of loss the median says little.
        middle: field === 'loss_ratio' ? `${field}_mean` : `${field}_p50`,
        p95: `${field}_p95`,
        hour,
        past,
        baselines: [],
      }
      question.baselines.push(baseline)
      questions.set(key, question)
    }
    return questions.values()
  }

  async function answer(question: Question): Promise<void> {
    const { baselines: asking } = question
    const byElement = Map.groupBy(asking, ({ element }) => element)
    if (byElement.size >= manyElements && (await learnTogether(question))) return
    for (const [element, own] of byElement) await learn(question, own, { element })
  }

  /** One answer for all elements; false when that would be too long. */
  async function learnTogether(question: Question): Promise<boolean> {
    try {
      await learn(question, question.baselines, {})
      return true
    } catch (error) {
      if (error instanceof FaultlineError && error.code === 'REQUEST_INVALID') return false
      throw error
    }
  }

  async function learn(
    { measurement, middle, p95, hour, past }: Question,
    asking: readonly Baseline[],
    tags: { readonly element?: ElementId },
  ): Promise<void> {
    const found = new Map<string, StoredHour[]>()
    for (const at of past) {
      if (!isFieldOf(measurement, middle) || !isFieldOf(measurement, p95)) break
      const query = { measurement, fields: [middle, p95], tags, from: at, to: at + hourMs }
      const { series, values } = await history(query)
      for (const { tags, start } of series) {
        const value = values[middle][start]
        if (value === undefined || Number.isNaN(value)) continue
        const key = keyOf(tags.element, tags.interface ?? tags.vantage)
        const hours = found.get(key) ?? []
        const top = values[p95][start] ?? Number.NaN
        hours.push({ at, middle: value, p95: Number.isNaN(top) ? value : top })
        found.set(key, hours)
      }
    }
    for (const baseline of asking) {
      const hours = found.get(keyOf(baseline.element, baseline.interface ?? baseline.vantage)) ?? []
      baseline.learn(hour, usualOf(hours, hour, baseline.history))
    }
  }
}

const keyOf = (element: string | undefined, part: string | undefined): string =>
  JSON.stringify([element, part])
