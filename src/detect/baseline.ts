import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { BaselineSettings } from '../model/rule.ts'
import type { Usual } from './usual.ts'

/** One number of one series whose usual values are wanted. */
export interface BaselineKey {
  readonly measurement: 'icmp' | 'stamp' | 'interface'
  readonly field: string
  readonly element: ElementId
  /** For interfaces. */
  readonly interface?: InterfaceName
  /** For probes. */
  readonly vantage?: string
}

export type BaselineHistory = Pick<BaselineSettings, 'weeks' | 'minHistoryMs' | 'minHours'>

/** What is usual of one number, hour by hour. It knows the hour that runs and the next one; the rest is in the store. */
export interface Baseline extends BaselineKey {
  readonly history: BaselineHistory
  /** In the hour of that time; undefined where it is not known, or the history is too short. */
  usualAt(at: number): Usual | undefined
  /** Takes what is usual in the UTC hour that begins at `hour`. */
  learn(hour: number, usual: Usual | undefined): void
  /** Whether that hour was learned, be it that there is too little history. */
  knows(hour: number): boolean
}

/** The port by which usual values come in: whoever can read stored roll-ups fills what is wanted. */
export interface Baselines {
  /** The same object for the same number and history. */
  of(key: BaselineKey, history: BaselineHistory): Baseline
  wanted(): Iterable<Baseline>
}

const hourMs = 3_600_000
const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs

export function createBaselines(): Baselines {
  const all = new Map<string, Baseline>()
  return {
    of(key, history) {
      const { measurement, field, element, interface: port, vantage } = key
      const { weeks, minHistoryMs, minHours } = history
      const text = JSON.stringify([measurement, field, element, port, vantage, weeks, minHistoryMs, minHours])
      const known = all.get(text) ?? new HourlyBaseline(key, history)
      all.set(text, known)
      return known
    },
    wanted: () => all.values(),
  }
}

/** One of a hundred thousand: two hours, by their parity, are the one that runs and the one after or before it. */
class HourlyBaseline implements Baseline {
  readonly measurement: BaselineKey['measurement']
  readonly field: string
  readonly element: ElementId
  readonly interface?: InterfaceName
  readonly vantage?: string
  readonly history: BaselineHistory
  #evenHour = Number.NaN
  #even: Usual | undefined
  #oddHour = Number.NaN
  #odd: Usual | undefined

  constructor(key: BaselineKey, history: BaselineHistory) {
    this.measurement = key.measurement
    this.field = key.field
    this.element = key.element
    if (key.interface !== undefined) this.interface = key.interface
    if (key.vantage !== undefined) this.vantage = key.vantage
    this.history = history
  }

  usualAt(at: number): Usual | undefined {
    const hour = hourOf(at)
    if (hour === this.#evenHour) return this.#even
    return hour === this.#oddHour ? this.#odd : undefined
  }

  learn(hour: number, usual: Usual | undefined): void {
    if ((hour / hourMs) % 2 === 0) {
      this.#evenHour = hour
      this.#even = usual
    } else {
      this.#oddHour = hour
      this.#odd = usual
    }
  }

  knows(hour: number): boolean {
    return hour === this.#evenHour || hour === this.#oddHour
  }
}
