import type { IncidentPage } from '../../../src/api/views/incident-schemas.ts'
import type { ChildDaemon } from './child-daemon.ts'
import type { Act, Scenario } from './scenario.ts'

/** How far a play has come: what a daemon that is started again has to go on from. */
export interface Progress {
  /** UTC epoch ms. Never before the time at which the last daemon was killed. */
  readonly now: number
  /** Never after that time. */
  readonly passed: number
  /** So many of the acts of people were answered. */
  readonly answered: number
}

const stepMs = 100
/** So long a daemon has at least that is started again. */
const leastMs = 5_000

export const beginning = ({ startAt, warmUpMs }: Scenario): Progress => ({
  now: startAt - warmUpMs,
  passed: startAt - warmUpMs,
  answered: 0,
})

/**
 * Starts a daemon on a folder and plays a scenario from there to its end, then closes it. `onTheWay` is told of each step
 * before it is taken. What would not close; undefined when the process died on the way.
 */
export async function playOn(
  daemon: ChildDaemon,
  scenario: Scenario,
  folder: string,
  from: Progress,
  onTheWay: (progress: Progress) => void = () => {},
): Promise<readonly string[] | undefined> {
  const acts = scenario.happenings.flatMap((one) => (one.kind === 'act' ? [one] : []))
  const end = Math.max(scenario.startAt + scenario.endMs, from.now + leastMs)
  let { now, answered } = from
  onTheWay(from)
  const started = await daemon.ask({ kind: 'start', folder, now }, 'started')
  if (!started) return undefined
  while (now < end) {
    for (const { at, act } of acts.slice(answered)) {
      if (scenario.startAt + at > now) break
      if (!(await carryOut(act, started.url))) return undefined
      onTheWay({ now, passed: now, answered: ++answered })
    }
    now += stepMs
    onTheWay({ now, passed: now - stepMs, answered })
    if (!(await daemon.ask({ kind: 'advance', ms: stepMs }, 'advanced'))) return undefined
  }
  // While it closes, time goes by that nobody counts.
  onTheWay({ now: now + leastMs, passed: now, answered })
  return (await daemon.ask({ kind: 'close' }, 'closed'))?.problems
}

/** False when there was no answer. What was done before the answer was lost is not done again. */
async function carryOut(act: Act, url: string): Promise<boolean> {
  const post = async (path: string, body: object) => {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok && response.status !== 409)
      throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  try {
    if (act.type === 'report') {
      const { service, symptom } = act
      await post('/api/v1/fault-reports', {
        kind: 'fault',
        service,
        symptom,
        description: '',
        channel: 'phone',
        externalId: `call about ${service}`,
      })
    } else if (act.type === 'person' && act.action.type === 'acknowledge') {
      const response = await fetch(new URL('/api/v1/incidents?limit=100', url))
      const { items }: IncidentPage = JSON.parse(await response.text())
      const oldest = items.toSorted((one, other) => (one.detectedAt < other.detectedAt ? -1 : 1))
      const incident = oldest[act.incident - 1]
      if (!incident) throw new Error(`there is no incident #${act.incident}`)
      await post(`/api/v1/incidents/${incident.id}/acknowledge`, {})
    } else throw new Error(`a daemon in a process cannot do "${act.type}"`)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
