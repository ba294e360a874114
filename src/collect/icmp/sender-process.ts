import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../platform/clock.ts'
import type { EchoSettings } from './echo-engine.ts'
import { createRecordSplitter, type OnRecord, parseFirstLine, type SenderFacts } from './sender-records.ts'

/**
 * Which sockets to try, in this order for IPv4 and the other way for IPv6: `ping` needs `net.ipv4.ping_group_range` to
 * hold a group of ours, `raw` needs CAP_NET_RAW.
 */
export type SocketKinds = readonly ('ping' | 'raw')[]

export interface SenderOptions {
  readonly settings: EchoSettings
  readonly kinds: SocketKinds
  /** The Perl to run it. */
  readonly perl: string
  readonly clock: Clock
  readonly onRecord: OnRecord
}

/** The program `echo-sender.pl` that runs. */
export interface SenderProcess {
  readonly facts: SenderFacts
  readonly pid: number
  /** One line of its input. */
  write(line: string): void
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
  kill(): void
}

const maxLineBytes = 1_024

/** How long it may take to open its sockets. */
const startLimitMs = 5_000

/** The same folder from source and compiled. */
const script = fileURLToPath(new URL('./echo-sender.pl', import.meta.url))

/** Starts it. Resolves with why not, when it is not to be had here. */
export async function startSender(options: SenderOptions): Promise<SenderProcess | string> {
  const { settings, kinds, perl, clock, onRecord } = options
  const { count, timeoutMs, spacingMs, dscp = 0, sizeBytes = 56 } = settings
  const numbers = [count, timeoutMs, spacingMs, dscp, sizeBytes].map(String)
  const child = spawn(perl, [script, ...numbers, kinds.join(',')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    // Signals from a terminal are for us; it ends when its input does.
    detached: true,
  })
  // It does not keep this process alive, unless its end is awaited.
  const pipes = [child.stdin, child.stdout].filter((pipe) => pipe instanceof Socket)
  const handles = [child, ...pipes]
  for (const handle of handles) handle.unref()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: first, resolve: say } = Promise.withResolvers<string>()
  child.once('error', (error) => say(error.message))
  child.once('close', () => {
    say('it ended at once')
    end()
  })
  // It may be gone; that shows in its end.
  child.stdin.on('error', () => {})
  child.stdout.on('error', () => {})

  const split = createRecordSplitter(count, onRecord)
  let head: Buffer | undefined = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) return split(chunk)
    head = Buffer.concat([head, chunk])
    const lineFeed = head.indexOf('\n')
    if (lineFeed < 0) {
      if (head.length > maxLineBytes) say('it said something else')
      return
    }
    const rest = head.subarray(lineFeed + 1)
    say(head.toString('latin1', 0, lineFeed))
    head = undefined
    split(rest)
  })

  const started = new AbortController()
  void clock.sleep(startLimitMs, started.signal).then(() => say('it did not start in time'))
  const facts = parseFirstLine(await first)
  started.abort()
  if (typeof facts === 'string' || child.pid === undefined) {
    child.kill('SIGKILL')
    return typeof facts === 'string' ? facts : 'it did not start'
  }
  return {
    facts,
    pid: child.pid,
    write: (line) => child.stdin.write(`${line}\n`),
    ended,
    kill() {
      for (const handle of handles) handle.ref()
      child.kill('SIGKILL')
    },
  }
}
