import type { LiveEventView } from '../../api/views/live-event-schemas.ts'

type Topic = LiveEventView['topic']

/**
 * Listens to the daemon's events and says which parts of the page are stale. Events come in bursts (a cut changes a
 * dozen things), so what is stale is gathered for 150 ms and told once. After a lost connection everything is stale.
 */
export function listen(
  stale: (topics: ReadonlySet<Topic>) => void,
  connected: (live: boolean) => void,
): void {
  const topics: readonly Topic[] = ['alarm', 'incident', 'report', 'notification', 'network', 'maintenance']
  let gathered = new Set<Topic>()
  let waiting = false
  const mark = (marked: readonly Topic[]) => {
    for (const topic of marked) gathered.add(topic)
    if (waiting) return
    waiting = true
    setTimeout(() => {
      const told = gathered
      gathered = new Set()
      waiting = false
      stale(told)
    }, 150)
  }
  const source = new EventSource('/api/v1/events')
  for (const topic of topics) source.addEventListener(topic, () => mark([topic]))
  source.addEventListener('reset', () => mark(topics))
  let first = true
  source.addEventListener('open', () => {
    connected(true)
    if (!first) mark(topics)
    first = false
  })
  source.addEventListener('error', () => connected(false))
}
