import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Series } from '../sample-store.ts'
import { SampleFile } from './sample-file.ts'
import type { NewSeries, WorkerReply, WorkerRequest, WorkerSettings, WorkerTask } from './worker-messages.ts'

/**
 * The thread that owns the sample file, so that a long query or a slow disk holds up no poll. The file is opened at the
 * first task and again after a failure; a damaged one is renamed and a new one begun, since new samples matter more
 * than a file that cannot be read.
 */
function serve(settings: WorkerSettings, say: (reply: WorkerReply) => void) {
  let open: SampleFile | undefined
  /** Outlives the file: a series is introduced once, also when that batch fails. */
  const introduced = new Map<number, NewSeries>()

  const setAside = (error: unknown) => {
    const to = `${settings.file}.damaged-${new Date(systemClock.now()).toISOString().replace(/[:.]/g, '')}`
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(settings.file + suffix)) renameSync(settings.file + suffix, to + suffix)
    say({ setAside: to, reason: messageOf(error) })
  }

  const openFile = (): SampleFile => {
    mkdirSync(dirname(settings.file), { recursive: true, mode: 0o700 })
    try {
      return new SampleFile(settings.file, introduced)
    } catch (error) {
      if (!isDamage(error)) throw error
      setAside(error)
      return new SampleFile(settings.file, introduced)
    }
  }

  const carryOut = (task: WorkerTask): readonly Series[] => {
    if (task.kind === 'close') {
      open?.close()
      return []
    }
    if (task.kind === 'write')
      for (const series of task.batch.newSeries) introduced.set(series.number, series)
    open ??= openFile()
    try {
      if (task.kind === 'write') open.write(task.batch)
      return task.kind === 'query' ? open.query(task.query) : []
    } catch (error) {
      if (!isDamage(error)) throw error
      open.close()
      open = undefined
      setAside(error)
      throw error
    }
  }

  return (request: WorkerRequest): void => {
    try {
      say({ id: request.id, ok: true, series: carryOut(request) })
    } catch (error) {
      const { code, details } =
        error instanceof FaultlineError ? error : { code: 'STORE_UNAVAILABLE' as const, details: {} }
      say({ id: request.id, ok: false, code, message: messageOf(error), details })
    }
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  [11, 26].includes(error.errcode & 0xff)

const port = parentPort
if (port === null) throw new Error('this file is started as a worker thread by embedded-store')
const answer = serve(workerData, (reply) => port.postMessage(reply))
port.on('message', (request: WorkerRequest) => {
  answer(request)
  if (request.kind === 'close') port.close()
})
