import type { Config } from '../config/schema.ts'
import type { Inventory } from '../model/inventory.ts'
import type { NotifySettings } from '../notify/plan-notifications.ts'
import type { Stages } from '../pipeline.ts'
import { pathRoundOf, wholeRoundOf } from './path-round.ts'
import { stepEveryMs } from './start-steps.ts'

/** A round of the slowest probe that is in use, and never less than the time between two steps, ms. */
export const slowestRoundOf = (
  { poll }: Pick<Config, 'poll'>,
  { targets }: Pick<Inventory, 'targets'>,
): number => Math.max(wholeRoundOf(poll, targets.values()), stepEveryMs)

/** How long the pipeline waits before it believes: by what the configuration says, and by how often elements are asked. */
export function pipelineSettings(
  config: Pick<Config, 'poll' | 'detection' | 'incident'>,
  inventory: Pick<Inventory, 'targets'>,
  notify: NotifySettings,
  startedAt: number,
): Stages['settings'] {
  const pathRoundMs = pathRoundOf(config.poll, inventory.targets.values())
  return {
    decisionWaitMs: config.detection.decisionWait ?? pathRoundMs,
    track: {
      verifyMs: config.incident.verify,
      // Two rounds of the slowest probe: then everything was asked again, and no agent tells an old state any more.
      mendMs: 2 * slowestRoundOf(config, inventory),
      // In two rounds every path was asked again; the third is for bursts that take their time.
      darkMendMs: 3 * pathRoundMs,
      measuringSince: startedAt,
      reopenMs: config.incident.reopen,
      closeAfterMs: config.incident.closeAfter,
    },
    notify,
  }
}
