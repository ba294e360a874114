import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { IncidentPage } from '../../../src/api/views.ts'
import type { Act, Scenario } from './scenario.ts'
import type { ChildReply, ChildRequest } from './scenario-child.ts'
import type { BoundaryKind } from './write-boundaries.ts'

const entry = resolve(import.meta.dirname, 'scenario-child.ts')
const stepMs = 1_000

interface RunningChild {
  readonly url: string
  readonly process: ChildProcess
  /** Undefined when it died instead. */
  ask(request: ChildRequest): Promise<ChildReply | undefined>
}

/** How one play went. */
export interface Play {
  readonly boundaries: readonly BoundaryKind[]
  /** When the daemon was killed, ms since the scenario's start. */
  readonly killedAt?: number
  readonly problems: readonly string[]
}

async function startChild(
  scenario: Scenario,
  folder: string,
  now: number,
  killAt: number,
): Promise<RunningChild> {
  const path = resolve(import.meta.dirname, '../../..', scenario.file)
  const child = fork(entry, [path, folder, String(now), String(killAt)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Many processes run the same sources.
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, '../compile-cache') },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const next = (): Promise<ChildReply | undefined> =>
    Promise.race([once(child, 'message').then(([reply]): ChildReply => reply), gone.then(() => undefined)])
  const first = await next()
  return {
    url: first?.kind === 'ready' ? first.url : '',
    process: child,
    ask(request) {
      const reply = next()
      if (child.connected) child.send(request, () => undefined)
      return reply
    },
  }
}

/**
 * Plays a scenario with the daemon as a process. It is killed at the write boundary with that number (0: never), started
 * again at the same time, and the rest is played to the end; then it is closed.
 */
export async function playInProcess(scenario: Scenario, folder: string, killAt: number): Promise<Play> {
  let now = scenario.startAt - scenario.warmUpMs
  let child = await startChild(scenario, folder, now, killAt)
  let killedAt: number | undefined
  const restart = async () => {
    if (killedAt !== undefined) throw new Error(`the daemon died again at ${now - scenario.startAt} ms`)
    killedAt = now - scenario.startAt
    child = await startChild(scenario, folder, now, 0)
    if (child.url === '') throw new Error(`the daemon did not start again at ${killedAt} ms`)
  }
  if (child.url === '') await restart()

  const acts = scenario.happenings.flatMap((one) => (one.kind === 'act' ? [one] : []))
  const end = scenario.startAt + scenario.endMs
  while (now < end) {
    for (const { at, act } of acts)
      if (scenario.startAt + at === now && !(await carryOut(act, child.url))) {
        // Whoever got no answer asks again.
        await restart()
        if (!(await carryOut(act, child.url))) throw new Error('the daemon does not answer')
      }
    const reply = await child.ask({ advanceMs: stepMs })
    if (reply === undefined) await restart()
    now += stepMs
    if (reply === undefined) await child.ask({ advanceMs: stepMs })
  }
  const gone = once(child.process, 'exit')
  const closed = await child.ask({ close: true })
  await gone
  if (closed?.kind !== 'closed') {
    await restart()
    await child.ask({ close: true })
    return { boundaries: [], problems: [], ...(killedAt === undefined ? {} : { killedAt }) }
  }
  const { boundaries, problems } = closed
  return { boundaries, problems, ...(killedAt === undefined ? {} : { killedAt }) }
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
