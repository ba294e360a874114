import { pino } from 'pino'
import { openStateDb } from '../../../src/platform/db/state-db.ts'
import { createActs, isHostAct } from './acts.ts'
import { differences } from './check-expectation.ts'
import { alarmName } from './incident-words.ts'
import { brokenInvariants } from './invariants.ts'
import { Recorder } from './recorder.ts'
import { type Act, type Expectation, isAboutDaemon, type Scenario } from './scenario.ts'
import { ScenarioClock } from './scenario-clock.ts'
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
  const clock = new ScenarioClock(startAt - scenario.warmUpMs)
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
          `${file}: the daemon logged at ${timeline.time(clock.worldNow())}: ${msg} ${err?.message ?? ''}`,
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
      watchesItself: scenario.happenings.some(isAboutDaemon),
      log,
      newId: (prefix) => `${prefix}-${String(++ids).padStart(6, '0')}`,
      committed: (outcome) => {
        // In the golden file things happen when they do, whatever the daemon's clock says.
        recorder.committed({ ...outcome, at: outcome.at + clock.worldNow() - clock.now() })
        if (outcome.incidents.length > 0) void lookAtFates()
      },
      told: (row) => recorder.message(row, clock.worldNow()),
      ...over,
    })
  let daemon: ScenarioDaemon = await start()
  async function lookAtFates(): Promise<void> {
    const now = clock.worldNow()
    recorder.fates((await daemon.ledger.list(db, { limit: 1_000 })).items, now)
  }
  const advanceTo = async (offset: number) => {
    await clock.advance(startAt + offset - clock.worldNow())
    await lookAtFates()
  }

  async function check(expectation: Expectation): Promise<void> {
    const known = [...(await daemon.incidents.open(db)), ...(await daemon.incidents.recent(db, 0))]
    const found = {
      network,
      alarms: [...(await daemon.alarms.active(db)), ...(await daemon.alarms.activeSystem(db))],
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
    if (!isHostAct(done)) await acts(daemon, done)
    else if (done.type === 'setClock') clock.set(done.byMs)
    else if (done.type === 'suspend') clock.suspend(done.forMs)
    else {
      await daemon.kill()
      await clock.advance(done.afterMs)
      daemon = await start()
    }
  }

  for (const happening of scenario.happenings) {
    await advanceTo(happening.at)
    if (happening.kind === 'expect') await check(happening.expectation)
    else timeline.add(startAt + happening.at, '>>', happening.text)
    if (happening.kind === 'act') await act(happening.act)
  }
  await advanceTo(scenario.endMs)
  problems.push(...(await brokenInvariants(daemon, db, recorder)).map((problem) => `${file}: ${problem}`))
  const left = [
    ...(await daemon.incidents.open(db)).map(({ id }) => recorder.name(id)),
    ...(await daemon.alarms.active(db)).map(alarmName),
    ...(await daemon.alarms.activeSystem(db)).map(alarmName),
  ]
  await daemon.kill()
  await db.destroy()
  return { timeline: timeline.text(), problems, told: recorder.told, left }
}
