import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { type OnLine, readLines } from './byte-lines.ts'
import { type RunEnd, type RunOptions, supervise } from './run-program.ts'

/** Runs one program after the other, by a small shell that stays. */
export interface ProgramLane {
  /** Not while it runs another. Never rejects. */
  run(program: string, args: readonly string[], options: RunOptions): Promise<RunEnd>
  /** The shell is gone; it runs nothing any more. */
  readonly broken: boolean
  /** Ends the shell and what it runs. */
  close(): Promise<void>
}

/** How long the shell may take to tell the end of a program that we killed. */
const graceMs = 1_000

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** First byte of the line that tells the exit code of a program: `!137`. */
const mark = '!'.charCodeAt(0)

/** What a shell says by the exit code: 126 not allowed, 127 not found, from 129 on ended by a signal. */
function endOf(code: number, program: string): RunEnd {
  if (code === 126 || code === 127)
    return { kind: 'notStarted', error: new Error(`${program} is not there, or may not be run`) }
  return code > 128 ? { kind: 'died' } : { kind: 'exited', code }
}

/** Kills a process, or with a negative id a group; one that has ended meanwhile is no matter. */
function killProcess(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // It is gone.
  }
}

function pipesOf(shell: ChildProcess) {
  const { stdin, stdout } = shell
  const ids = shell.stdio[3]
  if (!(stdin instanceof Socket && stdout instanceof Socket && ids instanceof Socket))
    throw new Error('a shell could not be started')
  // None of it must keep this process alive.
  shell.unref()
  for (const pipe of [stdin, stdout, ids]) pipe.unref()
  return { stdin, stdout, ids }
}

/** The program that runs now. */
interface Running {
  readonly onLine: OnLine
  readonly started: (id: number) => void
  readonly end: (how: RunEnd) => void
}

/**
 * Starting a program copies the page tables of who starts it: from a process of 300 MB that costs 8 ms of CPU, and the
 * event loop stands still for longer. A shell of 1 MB that was started at the beginning does it for next to nothing.
 * Throws when there can be no further process.
 */
export function openProgramLane(): ProgramLane {
  const shell = spawn('sh', [], {
    // Standard output takes both outputs of the programs, in order with the mark of their end; the fourth pipe tells
    // their process ids.
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    // A group of its own, so that it can be ended together with what it runs.
    detached: true,
  })
  // Without a listener a shell that is not there would end this process.
  shell.on('error', (error) => breakDown({ kind: 'notStarted', error }))
  const { stdin, stdout, ids } = pipesOf(shell)
  let running: Running | undefined
  let broken = false

  function breakDown(how: RunEnd): void {
    broken = true
    running?.end(how)
  }
  const killAll = () => {
    if (shell.pid !== undefined) killProcess(-shell.pid)
  }
  shell.once('exit', () => breakDown({ kind: 'died' }))
  // What cannot be written shows in the exit.
  stdin.on('error', () => {})
  readLines(stdout, (bytes, start, end) => {
    if (bytes[start] !== mark) running?.onLine(bytes, start, end)
    else running?.end({ kind: 'exited', code: Number(bytes.toString('latin1', start + 1, end)) })
  })
  readLines(ids, (bytes, start, end) => running?.started(Number(bytes.toString('latin1', start, end))))

  return {
    async run(program, args, options) {
      if (options.signal.aborted) return { kind: 'aborted' }
      if (broken) return { kind: 'died' }
      const { promise: ended, resolve } = Promise.withResolvers<RunEnd>()
      const { promise: started, resolve: tellId } = Promise.withResolvers<number>()
      const mine: Running = {
        onLine: options.onLine,
        started: tellId,
        end: (how) => resolve(how.kind === 'exited' ? endOf(how.code, program) : how),
      }
      running = mine
      stdin.write(
        `${[program, ...args].map(quoted).join(' ')} 2>&1 <<'.' &\n${options.input}.\n` +
          `echo $! >&3; wait $!; printf '\\n!%d\\n' $?\n`,
      )
      const kill = () => {
        void started.then((id) => {
          if (running === mine) killProcess(id)
        })
        setTimeout(() => {
          if (running === mine) killAll()
        }, graceMs)
      }
      const how = await supervise(ended, kill, options)
      running = undefined
      return how
    },
    get broken() {
      return broken
    },
    async close() {
      if (broken) return
      const gone = once(shell, 'exit')
      shell.ref()
      killAll()
      await gone
    },
  }
}
