import type { FaultReportId } from '../model/fault-report.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

export interface PathProberDeps {
  readonly clock: Clock
  readonly log: Logger
  probePath(elements: readonly ElementId[], timeoutMs: number): Promise<void>
  /** The probe is over, late or failed: time to look at the polls. */
  arrived(report: FaultReportId): Promise<void>
}

/** Leaves time to answer `?wait=3s` with the result. */
const timeoutMs = 2_500
/** In a storm of reports the regular polls are evidence enough; more probes would only slow them. */
const atOnce = 16

/** Probes the paths of reports in the background, a bounded number at a time, and forgets none at close. */
export function createPathProber(deps: PathProberDeps) {
  const running = new Set<Promise<void>>()
  const closing = new AbortController()
  let probing = 0

  async function measure(report: FaultReportId, elements: readonly ElementId[]): Promise<void> {
    if (elements.length === 0 || probing >= atOnce) return
    probing++
    const done = new AbortController()
    try {
      const signal = AbortSignal.any([closing.signal, done.signal])
      await Promise.race([deps.probePath(elements, timeoutMs), deps.clock.sleep(timeoutMs, signal)])
    } catch (err) {
      deps.log.warn({ err, report }, 'the path of a report could not be probed')
    } finally {
      probing--
      done.abort()
    }
  }

  async function run(report: FaultReportId, elements: readonly ElementId[]): Promise<void> {
    await measure(report, elements)
    if (closing.signal.aborted) return
    try {
      await deps.arrived(report)
    } catch (err) {
      deps.log.error({ err, report }, 'evidence of a report could not be written')
    }
  }

  return {
    /** Resolves when the evidence is written; never rejects. */
    probe: (report: FaultReportId, elements: readonly ElementId[]): Promise<void> => {
      const work = run(report, elements)
      running.add(work)
      return work.finally(() => running.delete(work))
    },
    close: async (): Promise<void> => {
      closing.abort()
      await Promise.all(running)
    },
  }
}
