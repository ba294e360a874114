import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import { SampleFile } from './sample-file.ts'
import type {
  WorkerAnswer,
  WorkerReply,
  WorkerRequest,
  WorkerSettings,
  WorkerTask,
} from './worker-messages.ts'

/**
 * The thread that owns the sample file, so that a long query or a slow disk holds up no poll. The file is opened at the
 * first task and again after a failure; a damaged one is renamed and a new one begun, since new samples matter more
 * than a file that cannot be read.
 */
function serve(settings: WorkerSettings, say: (reply: WorkerReply) => void) {
  let open: SampleFile | undefined
  /** The day on which all before were tidied last. */
  let tidyOn: number | undefined
  let tidying: NodeJS.Timeout | undefined

  const setAside = (error: unknown) => {
    const to = `${settings.file}.damaged-${new Date(systemClock.now()).toISOString().replace(/[:.]/g, '')}`
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(settings.file + suffix)) renameSync(settings.file + suffix, to + suffix)
    say({ setAside: to, reason: messageOf(error) })
  }

  const openFile = (): SampleFile => {
    try {
      mkdirSync(dirname(settings.file), { recursive: true, mode: 0o700 })
    } catch (error) {
      throw new Error(`the folder of samples.path cannot be made: ${messageOf(error)}`, { cause: error })
    }
    try {
      return new SampleFile(settings.file)
    } catch (error) {
      if (!isDamage(error)) throw error
      setAside(error)
      return new SampleFile(settings.file)
    }
  }

  const carryOut = (task: WorkerTask): WorkerAnswer => {
    if (task.kind === 'close') {
      clearTimeout(tidying)
      open?.close()
      return nothing
    }
    open ??= openFile()
    try {
      if (task.kind === 'query') return { ...nothing, series: open.query(task.query) }
      if (task.kind === 'columns') return { ...nothing, columns: open.columns(task.query) }
      if (task.kind !== 'write') return nothing
      const written = open.write(bufferOf(task.lines), task.keepFromDay)
      if (task.today !== tidyOn) tidying ??= setTimeout(() => tidy(task.today), tidyAfterMs)
      return { ...nothing, written }
    } catch (error) {
      giveUpIfDamaged(error)
      throw error
    }
  }

  const giveUpIfDamaged = (error: unknown) => {
    if (!isDamage(error)) return
    open?.close()
    open = undefined
    setAside(error)
  }

  /** A step now and the next one later, until all is tidy; once a day. */
  const tidy = (today: number) => {
    tidying = undefined
    const since = performance.now()
    try {
      if (open?.tidy(today)) {
        const restMs = Math.max(shortestRestMs, (performance.now() - since) * restShare)
        tidying = setTimeout(() => tidy(today), restMs)
        return
      }
    } catch (error) {
      say({ untidy: messageOf(error) })
      giveUpIfDamaged(error)
    }
    tidyOn = today
  }

  return (request: WorkerRequest): void => {
    try {
      say({ id: request.id, ok: true, answer: carryOut(request) })
    } catch (error) {
      const { code, details } =
        error instanceof FaultlineError ? error : { code: 'STORE_UNAVAILABLE' as const, details: {} }
      say({ id: request.id, ok: false, code, message: messageOf(error), details })
    }
  }
}

/** Days that are over are written anew when the thread has been up for a moment, for a fifth of its time at most. */
const tidyAfterMs = 1_000
const restShare = 4
const shortestRestMs = 20

const nothing: WorkerAnswer = {
  series: [],
  columns: { tags: '[]', ends: new Uint32Array(), at: new Float64Array(), values: {} },
  written: { kept: 0, tooOld: 0, malformed: 0 },
}

/** Columns are handed over; the empty ones of `nothing` stay. */
function buffersOf(reply: WorkerReply): ArrayBuffer[] {
  if (!('ok' in reply) || !reply.ok || reply.answer.columns.at.length === 0) return []
  const { ends, at, values } = reply.answer.columns
  return [ends, at, ...Object.values(values)].map(({ buffer }) => buffer)
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  [11, 26].includes(error.errcode & 0xff)

const port = parentPort
if (port === null) throw new Error('this file is started as a worker thread by embedded-store')
const answer = serve(workerData, (reply) => port.postMessage(reply, buffersOf(reply)))
port.on('message', (request: WorkerRequest) => {
  answer(request)
  if (request.kind === 'close') port.close()
})
