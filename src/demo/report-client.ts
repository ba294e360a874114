import { FaultlineError } from '../platform/errors.ts'
import type { DeskReport } from './demo-story.ts'

const answerWithinMs = 10_000

/**
 * Posts a fault report as the service desk's own system would: over HTTP, to the daemon's address.
 *
 * @throws FaultlineError DELIVERY_FAILED when it was not taken.
 */
export async function postReport(appUrl: string, report: DeskReport, signal: AbortSignal): Promise<void> {
  const response = await fetch(new URL('/api/v1/fault-reports', appUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(report),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
  })
  await response.body?.cancel()
  if (!response.ok) throw new FaultlineError('DELIVERY_FAILED', `the daemon answered ${response.status}`)
}
