import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

export type ResponderKind =
  | { readonly kind: 'snmp'; readonly interfaces: number; readonly capBytes: number }
  | { readonly kind: 'stamp' }

export interface Responder {
  /** What answers, for people. */
  readonly description: string
  /** Where element n is to be asked. */
  readonly at: (element: number) => { readonly address: string; readonly port: number }
  readonly stats: () => Promise<{ requests: number; varbinds: number; dropped: number }>
  readonly close: () => Promise<void>
}

/** Element n of the benchmarks: an address of the loopback network for each. */
export const addressOf = (element: number): string =>
  `127.${1 + (element >> 16)}.${(element >> 8) & 255}.${element & 255}`

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '0.0.0.0')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

function compile(): { readonly program: string; readonly folder: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
  const program = join(folder, 'responder')
  const source = join(import.meta.dirname, 'responder.c')
  if (spawnSync('cc', ['-O2', '-o', program, source]).status === 0) return { program, folder }
  rmSync(folder, { recursive: true })
  return undefined
}

async function answerLine(child: ChildProcess, lines: Interface, ask?: string): Promise<string> {
  if (ask !== undefined) child.stdin?.write(`${ask}\n`)
  const answered = new AbortController()
  const { signal } = answered
  const ended = once(child, 'exit', { signal }).then(
    () => {
      throw new Error('the responder ended')
    },
    () => [],
  )
  const [line] = await Promise.race([once(lines, 'line', { signal }), ended])
  answered.abort()
  return String(line)
}

/**
 * Starts the other side in a process of its own: the C program where there is a compiler, else a slower one in
 * TypeScript, which serves SNMP only, without delay or cap, and a few hundred elements.
 */
export async function startResponder(
  what: ResponderKind,
  { delayMs, deadPercent }: { readonly delayMs: number; readonly deadPercent: number },
): Promise<Responder> {
  const compiled = compile()
  if (compiled === undefined && what.kind === 'stamp')
    throw new Error('the STAMP reflector needs a C compiler (cc)')
  const port = await freePort()
  const own = what.kind === 'snmp' ? [String(what.interfaces), String(what.capBytes)] : []
  const args = [what.kind, String(port), ...own, String(delayMs), String(deadPercent)]
  const slow = join(import.meta.dirname, 'slow-responder.ts')
  const child =
    compiled === undefined
      ? spawn(process.execPath, [slow, ...args.slice(2)], { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawn(compiled.program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const ready = await answerLine(child, lines)
  const ports = compiled === undefined ? (JSON.parse(ready) as readonly number[]) : undefined
  return {
    description:
      compiled === undefined
        ? 'slow responder in TypeScript (no C compiler here): no delay, no reply cap; it is the limit'
        : `C responder, ${delayMs} ms delay, ${deadPercent} % dead${what.kind === 'snmp' ? `, replies up to ${what.capBytes} bytes` : ''}`,
    at: (element) => ({
      address: addressOf(element),
      port: ports === undefined ? port : (ports[element] ?? port),
    }),
    async stats() {
      const [requests = 0, varbinds = 0, dropped = 0] = (await answerLine(child, lines, 'stats'))
        .split(' ')
        .map(Number)
      return { requests, varbinds, dropped }
    },
    async close() {
      const exited = once(child, 'exit')
      child.stdin?.end()
      child.kill()
      await exited
      if (compiled !== undefined) rmSync(compiled.folder, { recursive: true })
    },
  }
}

/** As many sockets, of one process, as any machine allows. */
export const slowElements = 200

/** How many elements the responder can play on this machine. */
export const maxElements = (): number => (spawnSync('cc', ['--version']).status === 0 ? 60_000 : slowElements)
