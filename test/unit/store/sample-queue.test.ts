import { afterEach, describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { createLogger } from '../../../src/platform/logger.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import { createSampleQueue, type SampleQueue } from '../../../src/store/sample-queue.ts'
import type { WriteResult } from '../../../src/store/sample-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const unavailable = (details = {}) => new FaultlineError('STORE_UNAVAILABLE', 'connection refused', details)
const samples = (from: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, i) =>
    sampleOf('icmp', { element: 'e', vantage: 'v' }, { sent: from + i }, 1),
  )
const numbers = (batch: readonly Sample[]) => batch.map(({ fields }) => Number(fields.sent))

/** A queue on a store that does what the test says, write by write; without more to say it takes everything. */
function queueOn(
  behaviour: ((batch: readonly Sample[], signal: AbortSignal) => Promise<WriteResult> | WriteResult)[] = [],
  { maxSamples = 100, batchSize = 10 } = {},
) {
  const clock = new ManualClock(0)
  const logged: { level: number; msg: string }[] = []
  const log = createLogger('debug', { write: (line: string) => logged.push(JSON.parse(line)) })
  const metrics = createMetrics()
  const writes: number[][] = []
  const store = {
    write: async (batch: readonly Sample[], signal: AbortSignal): Promise<WriteResult> => {
      writes.push(numbers(batch))
      return (await behaviour.shift()?.(batch, signal)) ?? { written: batch.length, refused: 0 }
    },
  }
  const queue = createSampleQueue({ store, maxSamples, batchSize, clock, log, metrics })
  open.push(queue)
  const dropped = async () =>
    (await metrics.storeDropped.get()).values.map(({ labels, value }) => [labels.reason, value])
  const later = async (ms: number) => {
    await settle()
    await clock.advance(ms)
    await settle()
  }
  return { queue, later, logged, writes, dropped, metrics }
}

const open: SampleQueue[] = []
/** Lets everything run that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve))
const fail = () => Promise.reject(unavailable())

afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close()
})

describe('the sample queue', () => {
  it('writes a full batch at once', async () => {
    const { queue, writes } = queueOn()
    queue.offer(samples(0, 10))
    await settle()
    expect(writes).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]])
    expect(queue.status()).toEqual({ queued: 0, dropped: 0, lastWriteAt: 0, healthy: true })
  })

  it('writes less than a batch after a second', async () => {
    const { queue, later, writes } = queueOn()
    queue.offer(samples(0, 3))
    await later(999)
    expect(writes).toEqual([])
    await later(1)
    expect(writes).toEqual([[0, 1, 2]])
  })

  it('writes a backlog batch by batch, in order', async () => {
    const { queue, later, writes } = queueOn()
    queue.offer(samples(0, 25))
    await later(1_000)
    expect(writes.map((batch) => batch.length)).toEqual([10, 10, 5])
    expect(writes.flat()).toEqual(Array.from({ length: 25 }, (_, i) => i))
  })

  it('keeps samples while the store is away, tries less and less often, and says so once', async () => {
    const { queue, later, writes, logged } = queueOn(Array.from({ length: 6 }, () => fail))
    queue.offer(samples(0, 10))
    await settle()
    expect(queue.status()).toMatchObject({ queued: 10, healthy: false, lastError: 'connection refused' })
    await later(500)
    expect(writes).toHaveLength(2)
    await later(1_000 + 2_000 + 4_000 + 8_000 + 16_000)
    expect(queue.status()).toMatchObject({ queued: 0, dropped: 0, healthy: true })
    expect(writes.at(-1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(logged.map(({ msg }) => msg)).toEqual([
      'sample store is away, keeping samples',
      'sample store is back',
    ])
  })

  it('waits as long as the store tells it to', async () => {
    const { queue, later, writes } = queueOn([() => Promise.reject(unavailable({ retryAfterMs: 60_000 }))])
    queue.offer(samples(0, 10))
    await later(59_999)
    expect(writes).toHaveLength(1)
    await later(1)
    expect(writes).toHaveLength(2)
  })

  it('drops the oldest when it is full, counts them, and says so once', async () => {
    const { queue, later, writes, dropped, logged } = queueOn([fail, fail])
    for (let i = 0; i < 25; i++) queue.offer(samples(i * 10, 10))
    expect(queue.status()).toMatchObject({ queued: 100, dropped: 150 })
    expect(await dropped()).toEqual([['full', 150]])
    await later(5_000)
    expect(queue.status()).toMatchObject({ queued: 0, dropped: 150 })
    expect(writes.slice(2).flat()).toEqual(Array.from({ length: 100 }, (_, i) => 150 + i))
    expect(logged.filter(({ msg }) => msg.startsWith('sample queue is full'))).toHaveLength(1)
  })

  it('loses nothing newer when the batch being written is dropped meanwhile', async () => {
    const slow = Promise.withResolvers<WriteResult>()
    const { queue, later, writes } = queueOn([() => slow.promise], { maxSamples: 15 })
    queue.offer(samples(0, 10))
    await settle()
    queue.offer(samples(10, 12))
    slow.resolve({ written: 10, refused: 0 })
    await later(1_000)
    expect(writes.slice(1).flat()).toEqual(Array.from({ length: 12 }, (_, i) => 10 + i))
  })

  it('counts what the store refuses, goes on, and is not healthy when it refuses all', async () => {
    const { queue, dropped, logged, writes } = queueOn([
      () => ({ written: 8, refused: 2, reason: 'field type conflict' }),
      () => ({ written: 0, refused: 10, reason: 'HTTP 401: unauthorized' }),
    ])
    queue.offer(samples(0, 10))
    await settle()
    expect(queue.status()).toMatchObject({ dropped: 2, healthy: true, lastError: 'field type conflict' })
    queue.offer(samples(10, 10))
    await settle()
    expect(queue.status()).toMatchObject({ dropped: 12, healthy: false, lastError: 'HTTP 401: unauthorized' })
    expect(await dropped()).toEqual([['refused', 12]])
    expect(writes).toHaveLength(2)
    expect(logged.filter(({ level }) => level >= 50)).toHaveLength(1)
  })

  it('does not try again what can never work, and tries again what may be a slip of ours', async () => {
    const rejected = new FaultlineError('STORE_REJECTED', 'no such database')
    const { queue, later, writes } = queueOn([
      () => Promise.reject(rejected),
      () => Promise.reject(new TypeError('a slip')),
    ])
    queue.offer(samples(0, 10))
    await settle()
    expect(queue.status()).toMatchObject({ queued: 0, dropped: 10, healthy: false })
    queue.offer(samples(10, 10))
    await later(1_000)
    expect(writes.slice(1)).toEqual([numbers(samples(10, 10)), numbers(samples(10, 10))])
  })

  it('writes what is left when it closes, and takes nothing after that', async () => {
    const { queue, writes, dropped } = queueOn()
    queue.offer(samples(0, 23))
    await queue.close()
    expect(writes.flat()).toHaveLength(23)
    queue.offer(samples(23, 2))
    expect(queue.status()).toMatchObject({ queued: 0, dropped: 2 })
    expect(await dropped()).toEqual([['closing', 2]])
  })

  it('does not wait for a store that is away when it closes, and counts the loss', async () => {
    const { queue, dropped, logged } = queueOn([fail, fail, fail])
    queue.offer(samples(0, 10))
    await settle()
    await queue.close()
    expect(await dropped()).toEqual([['closing', 10]])
    expect(logged.at(-1)).toMatchObject({
      msg: 'samples were lost because the sample store is away',
      samples: 10,
    })
  })

  it('gives up on a write that hangs when it closes', async () => {
    let signal: AbortSignal | undefined
    const { queue, later, dropped } = queueOn([
      (_, given) => {
        signal = given
        return new Promise(() => {})
      },
    ])
    queue.offer(samples(0, 10))
    await settle()
    const closed = queue.close()
    await later(1_500)
    await closed
    expect(signal?.aborted).toBe(true)
    expect(await dropped()).toEqual([['closing', 10]])
  })

  it('shows its length as a metric', async () => {
    const { queue, later, metrics } = queueOn([fail])
    queue.offer(samples(0, 12))
    await settle()
    expect((await metrics.storeQueue.get()).values[0]?.value).toBe(12)
    await later(2_000)
    expect((await metrics.storeQueue.get()).values[0]?.value).toBe(0)
  })
})
