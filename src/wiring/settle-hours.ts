import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import type { HourPart, UnfinishedHour } from '../sample/rollup/rollup-book.ts'
import { hourMs, rollupPlans } from '../sample/rollup/rollup-plan.ts'
import { fieldsOfPlan, type StoredField, settleHour } from '../sample/rollup/settle-hour.ts'
import { type History, isFieldOf } from './rollup-history.ts'

export interface SettleDeps {
  readonly history: History
  elements(): Iterable<ElementId>
  offer(samples: readonly Sample[]): void
  /** Told after each element of an hour that had samples. */
  settled(element: ElementId, hour: number): void
}

/** Hours whose samples are in the store, in part or whole: after a restart, and where samples came late. */
export interface UnsettledHours {
  add(hours: readonly UnfinishedHour[]): void
  /** The earliest one; undefined when all is settled. */
  earliest(): number | undefined
  /**
   * Settles those that ended before `until`, element by element, the earliest hour first. What is not reached before an
   * error stays for the next call.
   * @throws as a SampleStore's query does.
   */
  settle(until: number): Promise<void>
}

interface Unsettled {
  everySeries: boolean
  readonly parts: Map<ElementId, HourPart[]>
  readonly done: Set<ElementId>
}

export function createUnsettledHours({ history, elements, offer, settled }: SettleDeps): UnsettledHours {
  const hours = new Map<number, Unsettled>()

  const settleElement = async (element: ElementId, hour: number, parts: readonly HourPart[]) => {
    let made = 0
    for (const plan of rollupPlans) {
      const stored: StoredField[] = []
      for (const field of fieldsOfPlan(plan)) {
        if (!isFieldOf(plan.raw, field)) continue
        const series = await history({
          measurement: plan.raw,
          field,
          tags: { element },
          from: hour,
          to: hour + hourMs,
        })
        stored.push({ field, series })
      }
      const samples = settleHour(
        plan,
        hour,
        stored,
        parts.filter((part) => part.plan === plan),
      )
      offer(samples)
      made += samples.length
    }
    return made > 0
  }

  return {
    add(found) {
      for (const { hour, everySeries, parts } of found) {
        const known = hours.get(hour) ?? { everySeries: false, parts: new Map(), done: new Set() }
        hours.set(hour, known)
        known.everySeries ||= everySeries
        for (const part of parts) {
          const element = part.tags.element ?? ''
          known.parts.set(element, [...(known.parts.get(element) ?? []), part])
          // What came since has to be told as well.
          known.done.delete(element)
        }
      }
    },
    earliest: () => (hours.size === 0 ? undefined : Math.min(...hours.keys())),
    async settle(until) {
      const due = [...hours].filter(([hour]) => hour + hourMs <= until).sort(([a], [b]) => a - b)
      for (const [hour, { everySeries, parts, done }] of due) {
        const wanted = new Set([...(everySeries ? elements() : []), ...parts.keys()])
        for (const element of wanted) {
          if (done.has(element)) continue
          const own = parts.get(element) ?? []
          if (await settleElement(element, hour, own)) settled(element, hour)
          // Unless more came meanwhile.
          if ((parts.get(element) ?? []).length === own.length) done.add(element)
        }
        if ([...wanted, ...parts.keys()].every((element) => done.has(element))) hours.delete(hour)
      }
    },
  }
}
