import { setImmediate } from 'node:timers/promises'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import type { HourPart, UnfinishedHour } from '../sample/rollup/rollup-book.ts'
import { hourMs, rollupPlans } from '../sample/rollup/rollup-plan.ts'
import { fieldsOfPlan, settleHour } from '../sample/rollup/settle-hour.ts'
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
  readonly size: number
  /**
   * Settles those that ended before `until`, element by element, the earliest hour first; false when there was none. What
   * is not reached before an error stays for the next call.
   * @throws as a SampleStore's query does.
   */
  settle(until: number): Promise<boolean>
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
      const { raw } = plan
      const fields = fieldsOfPlan(plan).filter((field) => isFieldOf(raw, field))
      const range = { from: hour, to: hour + hourMs }
      const stored = await history({ measurement: raw, fields, tags: { element }, ...range })
      const own = parts.filter((part) => part.plan === plan)
      for (const samples of settleHour(plan, hour, stored, own)) {
        offer(samples)
        made += samples.length
        // Polls are not held up for longer than one series.
        await setImmediate()
      }
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
          const own = known.parts.get(element) ?? []
          known.parts.set(element, own)
          own.push(part)
          // What came since has to be told as well.
          known.done.delete(element)
        }
      }
    },
    earliest: () => (hours.size === 0 ? undefined : Math.min(...hours.keys())),
    get size() {
      return hours.size
    },
    async settle(until) {
      const due = [...hours].filter(([hour]) => hour + hourMs <= until).sort(([a], [b]) => a - b)
      for (const [hour, { everySeries, parts, done }] of due) {
        const wanted = new Set([...(everySeries ? elements() : []), ...parts.keys()])
        for (const element of wanted) {
          if (done.has(element)) continue
          const own = [...(parts.get(element) ?? [])]
          if (await settleElement(element, hour, own)) settled(element, hour)
          // Unless more came meanwhile.
          if ((parts.get(element) ?? []).length === own.length) done.add(element)
        }
        if ([...wanted, ...parts.keys()].every((element) => done.has(element))) hours.delete(hour)
      }
      return due.length > 0
    },
  }
}
