import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../platform/clock.ts'
import { createRecordSplitter, type OnRecord, parseFirstLine, type SenderFacts } from './sender-records.ts'

/** What to send. */
export interface SenderSettings {
  readonly packets: 'echo' | 'stamp'
  /** Packets in a burst, at most. */
  readonly count: number
  readonly timeoutMs: number
  readonly spacingMs: number
  readonly dscp: number
  /** Bytes of a packet, without the headers of IP and ICMP or UDP. */
  readonly sizeBytes: number
  /** Kinds of sockets, in the order in which to try them. */
  readonly kinds: readonly string[]
  /** Tells more of each packet, where that costs something. */
  readonly watched: boolean
}

interface StartOptions {
  readonly settings: SenderSettings
  /** What is told of each packet, bytes. */
  readonly packetBytes: number
  /** The Perl to run it. */
  readonly perl: string
  readonly clock: Clock
  readonly onRecord: OnRecord
}

/** The program `burst-sender.pl` that runs. */
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
const script = fileURLToPath(new URL('./burst-sender.pl', import.meta.url))

/** Starts it. Resolves with why not, when it is not to be had here. */
export async function startSender(options: StartOptions): Promise<SenderProcess | string> {
  const { settings, packetBytes, perl, clock, onRecord } = options
  const { packets, count, timeoutMs, spacingMs, dscp, sizeBytes, kinds, watched } = settings
  const numbers = [count, timeoutMs, spacingMs, dscp, sizeBytes].map(String)
  const child = spawn(perl, [script, packets, ...numbers, kinds.join(','), watched ? '1' : '0'], {
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

  const split = createRecordSplitter(count, packetBytes, onRecord)
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
