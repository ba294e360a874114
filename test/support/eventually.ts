import { setTimeout } from 'node:timers/promises'

/**
 * Asks until the answer is there, and gives it. Undefined, false and failures mean "not yet"; what was last seen is in
 * the error when time is up. For what a program outside of this process does, which has no event to wait for.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 20_000,
): Promise<T> {
  const tooLate = Date.now() + limitMs
  let last: unknown = 'nothing'
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      last = answer
    } catch (error) {
      last = error
    }
    if (Date.now() > tooLate) throw new Error(`waited ${limitMs} ms for: ${what}; last: ${String(last)}`)
    await setTimeout(50)
  }
}
