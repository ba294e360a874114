import type { Outcome } from '../pipeline.ts'
import type { SampleQueue } from '../store/sample-queue.ts'
import type { Foundation } from './foundation.ts'
import type { Notices } from './open-notify.ts'
import { outcomeEvents } from './outcome-events.ts'
import { outcomeSamples } from './outcome-samples.ts'

/** What hears of a step once it is on disk: the sample store, listeners of the API, the log, and the sender. */
export function tellOutcomes(
  { events, part }: Pick<Foundation, 'events' | 'part'>,
  queue: Pick<SampleQueue, 'offer'>,
  { measured, sender }: Pick<Notices, 'measured' | 'sender'>,
): (outcome: Outcome) => void {
  return (outcome) => {
    queue.offer(outcomeSamples(outcome))
    for (const event of outcomeEvents(outcome)) events.publish(event)
    for (const { incident, events: logged } of outcome.incidents) {
      const change = logged.at(-1)?.type
      part('incident').info(
        { incident: incident.id, change, state: incident.state, kind: incident.kind },
        'incident',
      )
    }
    if (outcome.judged) measured.judged(outcome.judged)
    if (outcome.incidents.length + outcome.alarms.length + outcome.reach.length > 0) sender.wake()
  }
}
