import type { AlarmChange } from '../../../src/model/alarm.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { IncidentEvent } from '../../../src/model/incident-event.ts'
import type { LedgerRow } from '../../../src/notify/ledger-row.ts'
import type { Outcome } from '../../../src/pipeline.ts'
import { alarmName, alarmWords, incidentDetails } from './incident-words.ts'
import type { Timeline } from './timeline.ts'
import type { ScenarioNetwork } from './world-network.ts'

/** Writes down what the daemon does. Incidents have numbers in the order in which they were opened. */
export class Recorder {
  readonly timeline: Timeline
  readonly told: string[] = []
  readonly #network: ScenarioNetwork
  readonly #numbers = new Map<string, number>()
  readonly #alarmNames = new Map<string, string>()
  readonly #reports = new Map<string, string>()
  readonly #fates = new Map<string, string>()

  constructor(timeline: Timeline, network: ScenarioNetwork) {
    this.timeline = timeline
    this.#network = network
  }

  /** `#1`. */
  name(incident: string): string {
    const known = this.#numbers.get(incident)
    if (known !== undefined) return `#${known}`
    this.#numbers.set(incident, this.#numbers.size + 1)
    return `#${this.#numbers.size}`
  }

  /** The incident with a number; undefined before it is opened. */
  incident(number: number): string | undefined {
    return [...this.#numbers].find(([, of]) => of === number)?.[0]
  }

  committed({ at, alarms, incidents, reports }: Outcome): void {
    // Those of one step were raised in the order in which elements told, which says nothing.
    const nameOf = ({ alarm }: AlarmChange) => alarmName(alarm)
    for (const change of alarms.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b), 'en')))
      this.#alarm(at, change)
    // In the order of their numbers: ids of one moment are in no order.
    const numberOf = ({ incident }: Outcome['incidents'][number]) =>
      this.#numbers.get(incident.id) ?? Infinity
    for (const { incident, before, events } of incidents.toSorted((a, b) => numberOf(a) - numberOf(b) || 0))
      this.#incident(at, incident, before, events)
    for (const { report, change } of reports)
      this.timeline.add(at, `report ${change}`, this.#reports.get(report) ?? report)
  }

  /** A customer called about a service. */
  reported(report: string, service: string): void {
    this.#reports.set(report, service)
  }

  message({ customer, kind, services, incident }: LedgerRow, at: number): void {
    this.told.push(`${customer} ${kind}`)
    this.timeline.add(
      at,
      `told ${kind} of ${this.name(incident)}`,
      `${customer} (${services.toSorted().join(' ')})`,
    )
  }

  /** Messages that came to nothing since the last time. */
  fates(rows: readonly LedgerRow[], at: number): void {
    for (const { id, state, customer, kind, reason = 'no reason' } of rows) {
      if (this.#fates.get(id) === state) continue
      this.#fates.set(id, state)
      if (state === 'withdrawn' || state === 'failed' || state === 'expired' || state === 'uncertain')
        this.timeline.add(at, `${state} (${reason})`, `${customer} ${kind}`)
    }
  }

  #alarm(at: number, change: AlarmChange): void {
    const { kind, alarm } = change
    if (kind === 'kept') return
    const name = alarmName(alarm)
    this.#alarmNames.set(alarm.id, name)
    const [type, ...resource] = name.split(' ')
    const since = kind === 'raised' ? alarm.onsetAt : kind === 'cleared' ? alarm.restoredAt : undefined
    const item = `${resource.join(' ')}${since === undefined ? '' : ` since ${this.timeline.time(since)}`}`
    const what = kind === 'changed' ? change.what : kind
    this.timeline.add(at, `alarm ${what} ${type} ${alarmWords(alarm).join(' ')}`, item)
  }

  #incident(
    at: number,
    incident: Incident,
    before: Incident | undefined,
    events: readonly IncidentEvent[],
  ): void {
    const said = events.map((event) => eventWords(event, this))
    // What fell again has new alarms, and none of those of the first time.
    const isAgain = before !== undefined && events.some(({ type }) => type === 'relapsed')
    const was = isAgain ? { ...before, alarms: [] } : before
    const details = incidentDetails(this.#network, incident, was, (id) => this.#alarmNames.get(id) ?? id)
    this.timeline.note(at, `${this.name(incident.id)} ${said.join(', ')}`, details)
  }
}

const byWhom = ({ actor }: IncidentEvent) => (actor === 'system' ? '' : ` by ${actor}`)

function eventWords(event: IncidentEvent, recorder: Recorder): string {
  const { timeline } = recorder
  switch (event.type) {
    case 'resolved':
      return `resolved${byWhom(event)}${event.because === undefined ? '' : `: ${event.because}`}`
    case 'acknowledged':
      return event.absorbed === undefined
        ? `acknowledged${byWhom(event)}`
        : `acknowledged by ${event.absorbed.by} in ${recorder.name(event.absorbed.from)}`
    case 'restored':
      return `restored since ${timeline.time(event.restoredAt)}`
    case 'merged':
    case 'split':
      return `${event.type} into ${recorder.name(event.into)}`
    case 'absorbed':
    case 'splitFrom':
      return `${event.type === 'absorbed' ? 'absorbed' : 'split from'} ${recorder.name(event.from)}`
    case 'unplanned':
      return `unplanned: ${event.reason}`
    case 'reopened':
      return `reopened${byWhom(event)}: ${event.reason}`
    case 'assigned':
      return `assigned${byWhom(event)} to ${event.assignee ?? 'nobody'}`
    case 'held':
      return `held${byWhom(event)}: ${event.reason}`
    case 'noted':
      return `noted${byWhom(event)}: ${event.text}`
    case 'etaSet':
      return `promised${byWhom(event)} for ${event.etaAt === null ? 'no time' : timeline.time(event.etaAt)}`
    default:
      return `${event.type}${byWhom(event)}`
  }
}
