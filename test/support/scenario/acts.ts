import type { StateDb } from '../../../src/platform/db/state-db.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { alarmName } from './incident-words.ts'
import type { Recorder } from './recorder.ts'
import type { Act } from './scenario.ts'
import type { ScenarioClock } from './scenario-clock.ts'
import type { ScenarioDaemon } from './scenario-daemon.ts'

interface ActsDeps {
  readonly db: StateDb
  readonly clock: ScenarioClock
  readonly startAt: number
  readonly recorder: Recorder
}

/** What is done to the daemon, and not by it. */
type HostAct = Extract<Act, { readonly type: 'restart' | 'setClock' | 'suspend' }>
export type PeoplesAct = Exclude<Act, HostAct>

export const isHostAct = (act: Act): act is HostAct => ['restart', 'setClock', 'suspend'].includes(act.type)

/** Carries out what people do, by the desks of the daemon; what is refused is written down with its reason. */
export function createActs({ db, clock, startAt, recorder }: ActsDeps) {
  const windows: string[] = []
  const note = (text: string) => recorder.timeline.note(clock.worldNow(), text)

  async function carryOut(daemon: ScenarioDaemon, act: PeoplesAct): Promise<void> {
    switch (act.type) {
      case 'report': {
        const { service, symptom, onsetMs } = act
        const { report, matches } = await daemon.reportDesk.submit(
          {
            kind: 'fault',
            symptom,
            description: '',
            channel: 'phone',
            service,
            ...(onsetMs === undefined ? {} : { reportedOnsetAt: startAt + onsetMs }),
          },
          'desk',
        )
        recorder.reported(report.id, service)
        const linked = matches.map(
          ({ incident, state, score }) => `${state} ${recorder.name(incident)} ${score.toFixed(2)}`,
        )
        note(`report of ${service}: ${[report.verdict, ...linked].join(', ')}`)
        return
      }
      case 'person': {
        const { who, action } = act
        const incident = recorder.incident(act.incident)
        if (incident === undefined) throw new Error(`there is no incident #${act.incident} yet`)
        const timed =
          action.type === 'eta' && action.etaAt !== null
            ? { ...action, etaAt: startAt + action.etaAt }
            : action
        await daemon.incidentDesk.act(incident, timed, who)
        return
      }
      case 'alarm': {
        const { who, action } = act
        const alarm = (await daemon.alarms.active(db)).find((one) => alarmName(one) === act.alarm)
        if (!alarm) throw new Error(`there is no alarm ${act.alarm}`)
        const timed =
          action.type === 'shelve'
            ? { type: action.type, reason: action.reason, until: clock.now() + action.forMs }
            : { type: action.type }
        await daemon.alarmDesk.act(alarm.id, timed, who)
        note(`alarm ${act.alarm}: ${action.type} by ${who}`)
        return
      }
      case 'plan': {
        const { who, elements, includeDownstream, start, durationMs, recurrence } = act
        const window = await daemon.maintenance.plan(
          {
            title: 'planned work',
            elements,
            includeDownstream,
            start: startAt + start,
            durationMs,
            ...(recurrence === undefined ? {} : { recurrence: { rule: recurrence, exclude: [] } }),
            timeZone: 'UTC',
          },
          who,
        )
        windows.push(window.id)
        note(`work W${windows.length} planned by ${who}`)
        return
      }
      case 'work': {
        const { who, work, change } = act
        const id = windows[work - 1]
        if (id === undefined) throw new Error(`there is no work W${work}`)
        const timed =
          change.type === 'moveEnd' && change.endsAt !== 'now'
            ? { ...change, endsAt: startAt + change.endsAt }
            : change
        await daemon.maintenance.change(id, timed, who)
        note(`work W${work}: ${change.type} by ${who}`)
        return
      }
      case 'trap':
        daemon.trap(act.element)
    }
  }

  return async (daemon: ScenarioDaemon, act: PeoplesAct): Promise<void> => {
    try {
      await carryOut(daemon, act)
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error
      note(`refused: ${error.message.replace(/\binc-\w+/g, (id) => recorder.name(id))}`)
    }
  }
}
