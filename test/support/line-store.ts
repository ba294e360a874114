import { FaultlineError } from '../../src/platform/errors.ts'
import type { EncodedLines } from '../../src/store/encoded-lines.ts'
import type { WriteResult } from '../../src/store/sample-store.ts'
import { parseLines } from './parse-line-protocol.ts'

type Answer = (
  numbers: readonly number[],
  signal: AbortSignal,
) => Promise<WriteResult | undefined> | WriteResult | undefined

/** A store that keeps the number of each line (its first integer field), and is away or refuses as the test says. */
export function createLineStore() {
  const kept = new Set<number>()
  const writes: number[][] = []
  const state = { away: false, answer: undefined as Answer | undefined }
  return {
    kept,
    /** Numbers of each write that was taken, in the order of the writes. */
    writes,
    state,
    writeLines: async ({ bytes, rows }: EncodedLines, signal: AbortSignal): Promise<WriteResult> => {
      const numbers = parseLines(bytes.toString().slice(0, -1)).map(({ fields }) =>
        Number(Object.values(fields)[0]),
      )
      if (numbers.length !== rows) throw new Error(`${rows} rows were told, ${numbers.length} came`)
      const answer = await state.answer?.(numbers, signal)
      if (answer !== undefined) return answer
      if (state.away) throw new FaultlineError('STORE_UNAVAILABLE', 'connection refused')
      for (const number of numbers) kept.add(number)
      writes.push(numbers)
      return { written: rows, refused: 0 }
    },
  }
}
