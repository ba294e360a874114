import type { ProbeName } from '../../../src/model/reading.ts'
import type { Target } from '../../../src/model/target.ts'
import type { PollerNeeds, ScenarioPoller } from './scenario-daemon.ts'

/** One element to be asked by one probe. */
export interface Turn {
  readonly element: string
  readonly probe: ProbeName
}

export interface GridOptions {
  /** When in each interval, ms; whole seconds. */
  readonly phaseOf: (turn: Turn) => number
  /** In which order those of one time are told. */
  readonly order: (turns: readonly Turn[]) => readonly Turn[]
  /** Whether polls out of turn are made too. */
  readonly hastens: boolean
}

const probesOf = (target: Target): readonly ProbeName[] => [
  ...(target.icmp ? (['icmp'] as const) : []),
  ...(target.stamp ? (['stamp'] as const) : []),
  ...(target.snmp ? (['snmp'] as const) : []),
]

/** Polls at times and in an order that a test chooses, every poll within no time. */
export const gridPoller =
  ({ phaseOf, order, hastens }: GridOptions) =>
  ({ clock, poll, probes, targets, take }: PollerNeeds): ScenarioPoller => {
    const stopping = new AbortController()
    const turns = [...targets.values()].flatMap((target) =>
      probesOf(target).map((probe): Turn => ({ element: target.element, probe })),
    )
    const ask = (some: readonly Turn[]) => {
      for (const { element, probe } of order(some)) take(probes.ask(element, probe))
    }
    const keepTime = async () => {
      while (!stopping.signal.aborted) {
        await clock.sleep(1_000 - (clock.now() % 1_000), stopping.signal)
        const now = clock.now()
        if (!stopping.signal.aborted)
          ask(
            turns.filter(
              (turn) => now % poll[turn.probe].interval === phaseOf(turn) % poll[turn.probe].interval,
            ),
          )
      }
    }
    return {
      start: () => void keepTime(),
      async pollNow(elements, probeNames) {
        if (!hastens) return []
        const wanted = new Set(elements)
        ask(
          turns.filter(
            ({ element, probe }) =>
              wanted.has(element) && (probeNames === undefined || probeNames.includes(probe)),
          ),
        )
        return []
      },
      stop: async () => stopping.abort(),
    }
  }
