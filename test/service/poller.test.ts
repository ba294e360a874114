import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Poller } from '../../src/collect/poller/poller.ts'
import { startThreadPoller } from '../../src/collect/poller/thread-poller.ts'
import type { AgentMemo } from '../../src/collect/snmp/agent-memory.ts'
import { createSampleMaker } from '../../src/model/poll-samples.ts'
import type { PollResult } from '../../src/model/reading.ts'
import type { Sample } from '../../src/model/sample.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { eventually } from '../support/eventually.ts'
import { type FakePolling, fakePoller } from '../support/fake-polling.ts'

interface Polled {
  readonly result: PollResult
  readonly samples: readonly Sample[]
}

const portsOf = (polled?: Polled) =>
  polled?.result.probe === 'snmp' ? polled.result.agent?.interfaces.ports : undefined

/** A poller of either kind, and all that comes out of it. */
async function startPoller(place: 'thread' | 'here', options: Partial<FakePolling> = {}) {
  const polling = { elements: ['e1', 'e2'], intervalMs: 600_000, memos: new Map(), ...options }
  const polled: Polled[] = []
  const memos = new Map<string, AgentMemo>()
  const metrics = createMetrics()
  const logged: { level: number; msg: string }[] = []
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const outside = {
    deliver: (result: PollResult, samples: readonly Sample[]) => {
      polled.push({ result, samples })
      if (result.element === 'unwelcome') throw new Error('not mine')
    },
    keep: (element: string, memo: AgentMemo) => void memos.set(element, memo),
    metrics,
  }
  const entry = new URL('../support/fake-polling-worker.ts', import.meta.url)
  const toSamples = createSampleMaker()
  const poller: Poller =
    place === 'here'
      ? await fakePoller(polling, {
          ...outside,
          deliver: (result, samples) => outside.deliver(result, toSamples(samples)),
        })
      : await startThreadPoller(
          { entry, settings: () => polling },
          { ...outside, clock: systemClock, log, metrics },
        )
  onTestFinished(() => poller.stop())
  const count = async (name: 'polls' | 'packetsRefused' | 'ratesRefused' | 'pollerRestarts') =>
    (await metrics[name].get()).values.reduce((sum, { value }) => sum + value, 0)
  return { poller, polled, memos, metrics, count, logged }
}

describe.for(['here', 'thread'] as const)('a poller (%s)', (place) => {
  it('says which probes it uses', async () => {
    const { poller } = await startPoller(place)
    expect(poller.probes).toEqual([{ name: 'snmp', engine: 'fake', intervalMs: 600_000 }])
  })

  it('polls when it is asked to, and has delivered when it answers', async () => {
    const { poller, polled } = await startPoller(place)
    const results = await poller.pollNow(['e1', 'e2', 'nobody'])
    expect(results.map(({ element }) => element).sort()).toEqual(['e1', 'e2'])
    expect(results).toMatchObject([{ outcome: 'answered' }, { outcome: 'answered' }])
    expect(polled).toHaveLength(2)
    expect(polled[0]?.result).toMatchObject({
      probe: 'snmp',
      agent: { system: { name: results[0]?.element } },
    })
    expect(portsOf(polled[0])?.map((port) => port.name)).toEqual(['ge0', 'ge1', 'ge2'])
  })

  it('reads what it reads seldom at the next poll of those for whom it is told to', async () => {
    const { poller, polled } = await startPoller(place)
    poller.renew(['e2', 'nobody'])
    await poller.pollNow(['e1', 'e2'])
    const told = polled.map(({ result }) => [
      result.element,
      result.probe === 'snmp' && result.agent?.neighbours?.[0]?.remoteSystem,
    ])
    expect(Object.fromEntries(told)).toEqual({ e1: undefined, e2: 'next' })
  })

  it('makes rates from the second poll on, and keeps the list of ports the same', async () => {
    const { poller, polled } = await startPoller(place)
    await poller.pollNow(['e1'])
    await poller.pollNow(['e1'])
    const [first, second] = polled
    expect(first?.samples.map(({ measurement }) => measurement)).toEqual([
      'element',
      ...Array(3).fill('interface'),
    ])
    expect(first?.samples[1]?.fields).toEqual({ oper_up: 1, speed_bps: 1e9 })
    expect(second?.samples[1]?.fields.in_bps).toBeGreaterThan(0)
    expect(second?.samples[3]?.tags).toEqual({ element: 'e1', interface: 'ge2' })
    expect(portsOf(second)).toBe(portsOf(first))
    expect(second?.samples[1]?.tags).toBe(first?.samples[1]?.tags)
  })

  it('polls by itself once it is started', async () => {
    const { poller, polled } = await startPoller(place, { intervalMs: 200 })
    poller.start()
    await eventually('three polls of each', () => polled.length >= 6)
    expect(new Set(polled.map(({ result }) => result.element))).toEqual(new Set(['e1', 'e2']))
  })

  it('gives what has come when it is told to wait no longer', async () => {
    const { poller } = await startPoller(place, { elements: ['e1', 'mute1'] })
    const patience = new AbortController()
    const polling = poller.pollNow(['e1', 'mute1'], undefined, patience.signal)
    await poller.pollNow(['e1'])
    patience.abort()
    expect(await polling).toMatchObject([{ element: 'e1' }])
    expect(await poller.pollNow(['e1'], undefined, AbortSignal.abort())).toEqual([])
  })

  it('leaves out probes that are not asked for', async () => {
    const { poller } = await startPoller(place)
    expect(await poller.pollNow(['e1'], ['icmp', 'stamp'])).toEqual([])
  })

  it('counts, and tells what is worth keeping', async () => {
    const { poller, count, memos, metrics } = await startPoller(place)
    await poller.pollNow(['e1', 'e2'])
    expect(memos).toEqual(new Map(['e1', 'e2'].map((element) => [element, { maxRepetitions: 7 }])))
    expect(await count('polls')).toBe(2)
    expect(await count('packetsRefused')).toBe(2)
    expect((await metrics.pollDuration.get()).values.at(-1)).toMatchObject({ value: 2 })
  })

  it('lists who is late', async () => {
    const { poller } = await startPoller(place, { elements: ['mute1'], intervalMs: 100 })
    poller.start()
    const [late] = await eventually('an overrun', async () => {
      const overruns = await poller.overruns()
      return overruns.length > 0 && overruns
    })
    expect(late).toMatchObject({ element: 'mute1', probe: 'snmp' })
  })

  it('stops within a second, and delivers no more', async () => {
    const { poller, polled } = await startPoller(place, { elements: ['e1', 'mute1'] })
    const polling = poller.pollNow(['e1', 'mute1'])
    await eventually('the poll of the one that answers', () => polled.length === 1)
    const before = performance.now()
    await poller.stop()
    expect(performance.now() - before).toBeLessThan(1_000)
    expect((await polling).map(({ element }) => element)).not.toContain('mute1')
    expect(await poller.pollNow(['e1'])).toEqual([])
    expect(polled).toHaveLength(1)
    await poller.stop()
  })
})

describe('a polling thread', () => {
  it.for(['crash1', 'exit1'])('is started again when it dies (%s)', async (killer) => {
    const { poller, count, logged, polled } = await startPoller('thread', {
      elements: ['e1', killer],
      intervalMs: 600_000,
    })
    await poller.pollNow(['e1'])
    await expect(poller.pollNow([killer])).rejects.toMatchObject({ code: 'PROBE_FAILED' })
    await expect(poller.pollNow(['e1'])).rejects.toMatchObject({ code: 'PROBE_FAILED' })
    expect(await poller.overruns()).toEqual([])
    const results = await eventually('polling again', () => poller.pollNow(['e1']).catch(() => false))
    expect(results).toMatchObject([{ element: 'e1', outcome: 'answered' }])
    expect(await count('pollerRestarts')).toBe(1)
    expect(logged).toMatchObject([{ level: 50 }, { level: 40 }])
    // The new thread knows nothing of the lists that the old one sent.
    const { result } = polled.at(-1) ?? {}
    expect(result?.probe === 'snmp' && result.agent?.interfaces.ports).toHaveLength(3)
  })

  it('goes on with its rhythm after that', async () => {
    const { poller, polled } = await startPoller('thread', { elements: ['e1', 'dying1'], intervalMs: 300 })
    poller.start()
    await eventually('polls after the thread died', () => {
      const starts = polled.filter(({ samples }) => samples[1]?.fields.in_bps === undefined)
      return starts.length >= 2
    })
  })

  it('that cannot begin says why', async () => {
    await expect(startPoller('thread', { broken: true })).rejects.toMatchObject({
      code: 'PROBE_FAILED',
      message: 'polling could not begin: no sockets here',
    })
  })

  it('is ended when a probe does not obey', async () => {
    const { poller, logged } = await startPoller('thread', { elements: ['deaf1'] })
    const polling = poller.pollNow(['deaf1'])
    const before = performance.now()
    await poller.stop()
    expect(performance.now() - before).toBeLessThan(1_500)
    expect(await polling).toEqual([])
    expect(logged).toMatchObject([{ msg: 'polling thread did not stop in time and was ended' }])
  })

  it('can be stopped while it is down', async () => {
    const { poller } = await startPoller('thread', { elements: ['exit1'] })
    await expect(poller.pollNow(['exit1'])).rejects.toMatchObject({ code: 'PROBE_FAILED' })
    await poller.stop()
    expect(await poller.pollNow(['exit1'])).toEqual([])
  })

  it('is not hurt by who cannot handle a poll', async () => {
    const { poller, polled, logged } = await startPoller('thread', { elements: ['unwelcome', 'e1'] })
    await poller.pollNow(['unwelcome', 'e1'])
    expect(polled).toHaveLength(2)
    expect(logged).toMatchObject([{ msg: 'reading could not be handled' }])
  })
})
