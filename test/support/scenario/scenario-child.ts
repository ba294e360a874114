import { join } from 'node:path'
import { startApp } from '../../../src/app.ts'
import { ManualClock } from '../manual-clock.ts'
import { readScenario } from './parse-scenario.ts'
import { configOf } from './scenario-config.ts'
import { World } from './world.ts'
import { createWorldProbes } from './world-probes.ts'
import { type BoundaryKind, watchWrites } from './write-boundaries.ts'

/** What the parent says: let so much time pass, or close. */
export type ChildRequest = { readonly advanceMs: number } | { readonly close: true }

export type ChildReply =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'at'; readonly now: number }
  | {
      readonly kind: 'closed'
      readonly boundaries: readonly BoundaryKind[]
      readonly problems: readonly string[]
    }

/**
 * The daemon as a process of its own, in a world that a scenario describes, by a clock that its parent drives:
 * `node scenario-child.ts SCENARIO FOLDER NOW KILL_AT`. At the write boundary with the number KILL_AT, counted from 1, it
 * is gone, as by kill -9. The world goes on without it.
 */
const [file = '', folder = '', now = '', killAt = '0'] = process.argv.slice(2)
const reply = (message: ChildReply) => process.send?.(message)

const boundaries: BoundaryKind[] = []
await watchWrites(
  (kind) => {
    boundaries.push(kind)
    if (boundaries.length === Number(killAt)) process.kill(process.pid, 'SIGKILL')
  },
  join(folder, 'sent.log'),
)

const scenario = readScenario(file)
const config = await configOf(scenario, {
  'server.listen': '127.0.0.1:0',
  'state.path': join(folder, 'state.db'),
  samples: { kind: 'embedded', path: join(folder, 'samples') },
  'spool.path': join(folder, 'spool'),
  'notify.channels.post.path': join(folder, 'mailbox'),
})
const clock = new ManualClock(Number(now))
const events = scenario.happenings.flatMap((one) =>
  one.kind === 'world' ? [{ at: scenario.startAt + one.at, event: one.event }] : [],
)
const world = new World(scenario.network, events, scenario.startAt - scenario.warmUpMs)
const probes = createWorldProbes(world, config.poll, clock)
const app = await startApp(config, {
  clock,
  polling: 'here',
  probes: async () => probes.scheduled(),
})

/** Until all that was begun with files is done: that takes real time, which the manual clock knows nothing of. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setImmediate(resolve))
    const busy = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))
    quiet = busy ? 0 : quiet + 1
  }
}

process.on('message', async (request: ChildRequest) => {
  if ('close' in request) {
    const closing = app.close()
    const interval = setInterval(() => void clock.advance(100), 1)
    const problems = await closing
    clearInterval(interval)
    reply({ kind: 'closed', boundaries, problems: problems.map(String) })
    process.disconnect()
    return
  }
  const until = clock.now() + request.advanceMs
  while (clock.now() < until) {
    await clock.advance(Math.min(100, until - clock.now()))
    await settled()
  }
  reply({ kind: 'at', now: clock.now() })
})
reply({ kind: 'ready', url: app.url })
