import type { Metrics } from '../platform/metrics.ts'
import type { EncodedLines } from './encoded-lines.ts'
import { LineEncoder } from './line-encoder.ts'
import type { SampleStore, WriteResult } from './sample-store.ts'

/** Makes `write` of `writeLines`: what cannot be encoded is refused, and counted by its reason. */
export function batchWriter(
  writeLines: (lines: EncodedLines, signal: AbortSignal) => Promise<WriteResult>,
  metrics: Pick<Metrics, 'samplesRefused'>,
): SampleStore['write'] {
  const encoder = new LineEncoder((reason) => metrics.samplesRefused.inc({ reason }))
  return async (batch, signal) => {
    let refused = 0
    for (const sample of batch) if (!encoder.append(sample)) refused++
    const result = await writeLines(encoder.take(), signal)
    if (refused === 0) return result
    return { ...result, refused: result.refused + refused, reason: result.reason ?? 'no storable value' }
  }
}
