import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import { createPipeline, type Outcome, type Pipeline } from '../pipeline.ts'
import type { ReportDesk } from '../report/report-desk.ts'
import { around } from './around.ts'
import type { Foundation } from './foundation.ts'
import type { MaintenanceWatch } from './maintenance.ts'
import type { Detection } from './open-detection.ts'
import type { Notices } from './open-notify.ts'
import type { State } from './open-state.ts'
import { pipelineSettings } from './pipeline-settings.ts'
import { createRootCause } from './root-cause.ts'

/** What the pipeline ties together. */
export interface PipelineParts {
  /** Takes the samples of a poll. Never waits. */
  readonly store: (samples: readonly Sample[]) => void
  readonly detection: Pick<Detection, 'detector'>
  readonly maintenance: MaintenanceWatch
  readonly reports: Pick<ReportDesk, 'rematch'>
  readonly notices: Pick<Notices, 'ledger' | 'settings'>
  /** Polls elements now; what comes of it arrives as any poll does. */
  readonly pollNow: (elements: Iterable<ElementId>) => Promise<unknown>
  /** Nothing is judged before. */
  readonly firstPicture: Promise<void>
  readonly committed: (outcome: Outcome) => void
}

/** The stages from samples to the ledger. It is closed by a last step. */
export function openPipeline(base: Foundation, state: State, parts: PipelineParts): Pipeline {
  const { config, clock, log, part, metrics, life, inventory, live, startedAt } = base
  const { db, alarms, incidents } = state
  const { store, maintenance, reports, notices, pollNow, firstPicture, committed } = parts
  const rootCause = createRootCause(live, config.impact)
  const pipeline = createPipeline({
    live,
    store: (samples) => {
      store(samples)
      rootCause.accept(samples)
    },
    detector: parts.detection.detector,
    correlate: rootCause.correlate,
    alarms,
    incidents,
    maintenance,
    rematch: (tx, changes, now) =>
      reports.rematch(
        tx,
        changes.map(({ incident }) => incident),
        now,
      ),
    ledger: notices.ledger,
    db,
    clock,
    log: part('pipeline'),
    metrics,
    firstPicture,
    settings: pipelineSettings(config, inventory, notices.settings, startedAt),
    hasten: (elements) => {
      pollNow(around(live.topology(), elements)).catch((err: unknown) =>
        log.warn({ err }, 'hastened poll failed'),
      )
    },
    committed,
  })
  life.onClose('pipeline', () => pipeline.step())
  return pipeline
}
