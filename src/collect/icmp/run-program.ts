import { spawn } from 'node:child_process'
import type { Clock } from '../../platform/clock.ts'
import { type OnLine, readLines } from './byte-lines.ts'

export interface RunOptions {
  readonly input: string
  /** Called for each line of both outputs. */
  readonly onLine: OnLine
  readonly signal: AbortSignal
  /** It is killed when it takes longer. */
  readonly limitMs: number
  readonly clock: Clock
}

export type RunEnd =
  | { readonly kind: 'exited'; readonly code: number }
  /** Past its limit. */
  | { readonly kind: 'killed' }
  /** Ended by a signal that was not ours: it crashed, or someone killed it. */
  | { readonly kind: 'died' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'notStarted'; readonly error: Error }

/**
 * Ends a run on abort and when its time is over, by `kill`. Resolves with how it ended; `ended` tells how it ended by
 * itself.
 */
export async function supervise(
  ended: Promise<RunEnd>,
  kill: () => void,
  { signal, limitMs, clock }: Pick<RunOptions, 'signal' | 'limitMs' | 'clock'>,
): Promise<RunEnd> {
  const over = new AbortController()
  let overran = false
  signal.addEventListener('abort', kill, { once: true })
  void clock.sleep(limitMs, over.signal).then(() => {
    if (over.signal.aborted) return
    overran = true
    kill()
  })
  const how = await ended
  over.abort()
  signal.removeEventListener('abort', kill)
  if (signal.aborted) return { kind: 'aborted' }
  return how.kind === 'died' && overran ? { kind: 'killed' } : how
}

/**
 * Runs a program to its end and reads both of its outputs line by line. Both are always drained: a program that blocks
 * on a full pipe stops measuring. Kills it on abort and on overrun; never rejects.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunEnd> {
  if (options.signal.aborted) return { kind: 'aborted' }
  const child = spawn(program, args, { env: { PATH: process.env.PATH, LC_ALL: 'C' } })
  const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>()
  child.once('error', (error) => end({ kind: 'notStarted', error }))
  child.once('close', (code) => end(code === null ? { kind: 'died' } : { kind: 'exited', code }))
  // It may end without reading all of its input; that shows in its exit code.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input)
  readLines(child.stdout, options.onLine)
  readLines(child.stderr, options.onLine)
  return supervise(ended, () => child.kill('SIGKILL'), options)
}
