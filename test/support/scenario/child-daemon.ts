import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Scenario } from './scenario.ts'
import type { ChildReply, ChildRequest } from './scenario-child.ts'
import type { BoundaryKind } from './write-boundaries.ts'

const here = import.meta.dirname
const pipe = 4

/** A process in which daemons run. */
export interface ChildDaemon {
  /** The answer; undefined when the process died instead. */
  ask<Kind extends ChildReply['kind']>(
    request: ChildRequest,
    answer: Kind,
  ): Promise<Extract<ChildReply, { kind: Kind }> | undefined>
  /** Ends the process, if it still runs. */
  end(): Promise<void>
}

/** What a parent may do while every thread of the process stands still at a write boundary. */
export type AtBoundary = (kind: BoundaryKind) => 'goOn' | 'kill'

/** Starts a process for the daemons of a scenario. With `atBoundary` it stands still at each write boundary. */
export function startChildDaemon(scenario: Scenario, atBoundary?: AtBoundary): ChildDaemon {
  const stop = pathToFileURL(join(here, 'stop-at-writes.ts')).href
  const child = fork(join(here, 'scenario-child.ts'), [resolve(here, '../../..', scenario.file)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      ...process.env,
      // Many processes run the same sources.
      NODE_COMPILE_CACHE: join(tmpdir(), 'faultline-compile-cache'),
      ...(atBoundary ? { NODE_OPTIONS: `--import=${stop}`, SCENARIO_STOP_AT_WRITES: '1' } : {}),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...(atBoundary ? (['pipe'] as const) : [])],
  })
  if (atBoundary) holdAtWrites(child, atBoundary)
  let dead = false
  const gone = once(child, 'exit').then(() => {
    dead = true
    return undefined
  })
  return {
    async ask(request, answer) {
      if (dead) return undefined
      const reply = once(child, 'message').then(([message]): ChildReply => message)
      if (child.connected) child.send(request, () => undefined)
      const told = await Promise.race([reply, gone])
      if (told !== undefined && told.kind !== answer) throw new Error(`expected ${answer}, not ${told.kind}`)
      return told as Extract<ChildReply, { kind: typeof answer }> | undefined
    },
    async end() {
      if (!dead) child.kill('SIGKILL')
      await gone
    },
  }
}

/** A thread waits at a boundary for a byte; the others are stopped by a signal, so that files are as a kill would leave them. */
function holdAtWrites(child: ChildProcess, atBoundary: AtBoundary): void {
  const talk = child.stdio[pipe] as Socket
  const pid = child.pid ?? 0
  let rest = ''
  talk.on('error', () => undefined)
  talk.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n')
    rest = lines.pop() ?? ''
    for (const kind of lines as BoundaryKind[]) {
      process.kill(pid, 'SIGSTOP')
      waitUntilStopped(pid)
      if (atBoundary(kind) === 'kill') {
        process.kill(pid, 'SIGKILL')
        return
      }
      process.kill(pid, 'SIGCONT')
      talk.write('.')
    }
  })
}

const pause = new Int32Array(new SharedArrayBuffer(4))

/** Every thread has to have noticed the signal: the kernel says so in /proc. */
function waitUntilStopped(pid: number): void {
  const limit = performance.now() + 10_000
  const tasks = `/proc/${pid}/task`
  // The state follows the name, which is in brackets and may hold anything.
  const runs = (task: string) => !/\) T [^)]*$/.test(readFileSync(`${tasks}/${task}/stat`, 'latin1'))
  while (readdirSync(tasks).some(runs)) {
    if (performance.now() > limit) throw new Error(`process ${pid} does not stop`)
    Atomics.wait(pause, 0, 0, 0.1)
  }
}
