import { pino } from 'pino'
import { openStateDb } from '../../../src/platform/db/state-db.ts'
import { ManualClock } from '../manual-clock.ts'
import { createActs } from './acts.ts'
import { differences } from './check-expectation.ts'
import { alarmName } from './incident-words.ts'
import { brokenInvariants } from './invariants.ts'
import { Recorder } from './recorder.ts'
import type { Act, Expectation, Scenario } from './scenario.ts'
import { configOf } from './scenario-config.ts'
import { type ScenarioDaemon, type ScenarioDaemonDeps, startScenarioDaemon } from './scenario-daemon.ts'
import { Timeline } from './timeline.ts'
import { usualHistory } from './usual-history.ts'
import { World } from './world.ts'

export interface ScenarioResult {
  /** Every change, as the golden file has it. */
  readonly timeline: string
  /** What was not as expected, `file:line: …`; and what the daemon logged as an error. */
  readonly problems: readonly string[]
  /** Every message that left, `c1 outage`, in order. */
  readonly told: readonly string[]
  /** Incidents that are open at the end, and alarms that are active. */
  readonly left: readonly string[]
}

/** Plays a scenario from its warm-up to its end, on a state store of its own in memory. */
export async function runScenario(
  scenario: Scenario,
  over: Pick<ScenarioDaemonDeps, 'openPoller'> = {},
): Promise<ScenarioResult> {
  const { file, network, startAt } = scenario
  const config = await configOf(scenario)
  const clock = new ManualClock(startAt - scenario.warmUpMs)
  const db = await openStateDb(':memory:')
  const events = scenario.happenings.flatMap((one) =>
    one.kind === 'world' ? [{ at: startAt + one.at, event: one.event }] : [],
  )
  const world = new World(network, events, clock.now())
  const timeline = new Timeline(startAt)
  const recorder = new Recorder(timeline, network)
  const problems: string[] = []
  const log = pino(
    { level: 'error' },
    {
      write(line) {
        const { msg, err } = JSON.parse(line)
        problems.push(
          `${file}: the daemon logged at ${timeline.time(clock.now())}: ${msg} ${err?.message ?? ''}`,
        )
      },
    },
  )
  const history = usualHistory(scenario)
  let ids = 0
  const start = () =>
    startScenarioDaemon({
      config,
      world,
      db,
      clock,
      stepMs: scenario.stepMs,
      history,
      log,
      newId: (prefix) => `${prefix}-${String(++ids).padStart(6, '0')}`,
      committed: (outcome) => {
        recorder.committed(outcome)
        if (outcome.incidents.length > 0) void lookAtFates()
      },
      told: (row) => recorder.message(row, clock.now()),
      ...over,
    })
  let daemon: ScenarioDaemon = await start()
  async function lookAtFates(): Promise<void> {
    const now = clock.now()
    recorder.fates((await daemon.ledger.list(db, { limit: 1_000 })).items, now)
  }
  const advanceTo = async (offset: number) => {
    await clock.advance(startAt + offset - clock.now())
    await lookAtFates()
  }

  async function check(expectation: Expectation): Promise<void> {
    const known = [...(await daemon.incidents.open(db)), ...(await daemon.incidents.recent(db, 0))]
    const found = {
      network,
      alarms: await daemon.alarms.active(db),
      open: await daemon.incidents.open(db),
      incident: (number: number) => known.find(({ id }) => id === recorder.incident(number)),
      recorder,
    }
    const wrong = [
      ...differences(expectation, found),
      ...(await brokenInvariants(daemon, db, recorder)).map((problem) => `${expectation.line}: ${problem}`),
    ]
    problems.push(...wrong.map((problem) => `${file}:${problem}`))
  }

  const acts = createActs({ db, clock, startAt, recorder })
  async function act(done: Act): Promise<void> {
    if (done.type === 'restart') {
      await daemon.kill()
      await clock.advance(done.afterMs)
      daemon = await start()
      return
    }
    await acts(daemon, done)
  }

  for (const happening of scenario.happenings) {
    await advanceTo(happening.at)
    if (happening.kind === 'expect') await check(happening.expectation)
    else timeline.add(clock.now(), '>>', happening.text)
    if (happening.kind === 'act') await act(happening.act)
  }
  await advanceTo(scenario.endMs)
  problems.push(...(await brokenInvariants(daemon, db, recorder)).map((problem) => `${file}: ${problem}`))
  const left = [
    ...(await daemon.incidents.open(db)).map(({ id }) => recorder.name(id)),
    ...(await daemon.alarms.active(db)).map(alarmName),
  ]
  await daemon.kill()
  await db.destroy()
  return { timeline: timeline.text(), problems, told: recorder.told, left }
}
