import type { SystemWatch } from '../detect/system-watch.ts'
import type { AlarmChange } from '../model/alarm.ts'
import type { SystemStatus } from '../model/system-status.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

export interface SystemAlarmsDeps {
  readonly watch: SystemWatch
  readonly look: () => Promise<SystemStatus>
  readonly note: (changes: readonly AlarmChange[]) => void
  readonly clock: Clock
  readonly log: Logger
}

/** Time between two looks at ourselves, ms. */
export const lookEveryMs = 5_000

/** Looks at Faultline itself every few seconds, and notes what is wrong with it. Returns how to stop. */
export function startSystemAlarms(deps: SystemAlarmsDeps): () => Promise<void> {
  const { watch, look, note, clock, log } = deps
  const stopping = new AbortController()
  let isFailing = false
  let stateProblem: string | undefined

  async function lookOnce(): Promise<void> {
    try {
      const status = await look()
      tellState(status)
      note(watch.accept(status, clock.now()))
      isFailing = false
    } catch (err) {
      if (!isFailing) log.warn({ err }, 'looking at ourselves failed')
      isFailing = true
      note(watch.tick(clock.now()))
    }
  }

  /** The log is the one place where this is certain to be kept. */
  function tellState({ state: { problem } }: SystemStatus): void {
    if (problem !== undefined && stateProblem === undefined)
      log.error({ problem }, 'state store keeps nothing, writes are refused')
    if (problem === undefined && stateProblem !== undefined)
      log.info({}, 'state store keeps what is written again')
    stateProblem = problem
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await lookOnce()
      await clock.sleep(lookEveryMs, stopping.signal)
    }
  }

  const running = run()
  return async () => {
    stopping.abort()
    await running
  }
}
