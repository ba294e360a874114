import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openProgramLanes, type ProgramLanes } from '../../src/collect/icmp/program-lanes.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { eventually } from '../support/eventually.ts'

describe('the lanes that programs run in', () => {
  let lanes: ProgramLanes
  beforeEach(() => {
    lanes = openProgramLanes(1)
  })
  afterEach(() => lanes.close())

  const run = async (
    program: string,
    args: readonly string[],
    more: { input?: string; signal?: AbortSignal; limitMs?: number } = {},
  ) => {
    const lines: string[] = []
    const end = await lanes.run(program, args, {
      input: '',
      signal: new AbortController().signal,
      limitMs: 10_000,
      clock: systemClock,
      ...more,
      onLine: (bytes, from, to) => {
        if (to > from) lines.push(bytes.toString('utf8', from, to))
      },
    })
    return { end, lines }
  }
  const parentOf = (pid: number) =>
    Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])

  it('run one after the other in the same shell, with both outputs and the exit code', async () => {
    const script = 'echo $PPID; echo x; echo error >&2; exit 3'
    const first = await run('sh', ['-c', script])
    const second = await run('sh', ['-c', script])
    expect(first.end).toEqual({ kind: 'exited', code: 3 })
    expect(first.lines.slice(1)).toEqual(['x', 'error'])
    expect(second).toEqual(first)
  })

  it('give a program its input, whatever its size, and its arguments as they are', async () => {
    const input = Array.from({ length: 20_000 }, (_, i) => `line ${i} $HOME\n`).join('')
    expect((await run('cat', [], { input })).lines).toHaveLength(20_000)
    const args = ["it's", '$(id)', '`id`', 'a b', '*', '']
    const script = 'for a in "$@"; do echo "<$a>"; done'
    expect((await run('sh', ['-c', script, 'sh', ...args])).lines).toEqual(args.map((arg) => `<${arg}>`))
  })

  it('run programs beside each other when asked to', async () => {
    const waiting = new AbortController()
    const long = run('sleep', ['600'], { signal: waiting.signal })
    expect((await run('echo', ['done'])).lines).toEqual(['done'])
    waiting.abort()
    expect((await long).end).toEqual({ kind: 'aborted' })
  })

  it('tell apart what was too long, what died, and what is not there', async () => {
    expect((await run('sleep', ['600'], { limitMs: 50 })).end).toEqual({ kind: 'killed' })
    expect((await run('sh', ['-c', 'kill -9 $$'])).end).toEqual({ kind: 'died' })
    expect((await run('/nowhere/fping', [])).end).toMatchObject({
      kind: 'notStarted',
      error: new Error('/nowhere/fping is not there, or may not be run'),
    })
    expect((await run('echo', ['and goes on'])).lines).toEqual(['and goes on'])
  })

  it('outlive the death of their shell', async () => {
    const long = run('sleep', ['600'])
    const other = await run('sh', ['-c', 'echo $PPID'])
    const shell = Number(other.lines[0])
    expect(parentOf(shell)).toBe(process.pid)
    process.kill(shell, 'SIGKILL')
    const next = await eventually('a shell that lives', async () => {
      const { end, lines } = await run('sh', ['-c', 'echo $PPID'])
      return end.kind === 'exited' && Number(lines[0]) !== shell ? lines : undefined
    })
    expect(next).toHaveLength(1)
    await lanes.close()
    expect((await long).end).toEqual({ kind: 'died' })
  })
})
