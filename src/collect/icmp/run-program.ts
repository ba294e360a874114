import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Clock, systemClock } from '../../platform/clock.ts'

export interface RunOptions {
  readonly input: string
  /** Called for each line of both outputs. */
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
  /** It is killed when it takes longer. */
  readonly limitMs: number
  readonly clock?: Clock
}

export type RunEnd =
  | { readonly kind: 'exited'; readonly code: number }
  /** Past its limit, or ended by a signal that was not ours. */
  | { readonly kind: 'killed' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'notStarted'; readonly error: Error }

/**
 * Runs a program to its end and reads both of its outputs line by line. Both are always drained: a program that blocks
 * on a full pipe stops measuring. Kills it on abort and on overrun; never rejects.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input, onLine, signal, limitMs, clock = systemClock }: RunOptions,
): Promise<RunEnd> {
  if (signal.aborted) return { kind: 'aborted' }
  const child = spawn(program, args, { env: { PATH: process.env.PATH, LC_ALL: 'C' } })
  const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>()
  child.once('error', (error) => end({ kind: 'notStarted', error }))
  child.once('close', (code) => end(code === null ? { kind: 'killed' } : { kind: 'exited', code }))
  // It may end without reading all of its input; that shows in its exit code.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const lines = [child.stdout, child.stderr].map((output) => createInterface({ input: output }))
  for (const reader of lines) reader.on('line', onLine)

  const kill = () => child.kill('SIGKILL')
  const over = new AbortController()
  signal.addEventListener('abort', kill, { once: true })
  void clock.sleep(limitMs, over.signal).then(() => {
    if (!over.signal.aborted) kill()
  })
  const how = await ended
  over.abort()
  signal.removeEventListener('abort', kill)
  return signal.aborted ? { kind: 'aborted' } : how
}
