import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { phaseOf, pollGrid } from '../../src/collect/poll-grid.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { inventoryFrom } from '../../src/inventory/inventory-from-config.ts'
import type { PollResult } from '../../src/model/reading.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { openPoller, type PollingPlace } from '../../src/wiring/open-poller.ts'
import { has } from '../support/requires.ts'

const program = fileURLToPath(new URL('../support/stamp-reflector.py', import.meta.url))
const intervalMs = 500
const blockedMs = 200

/** A reflector in a process of its own: what is late is our own doing. */
async function startReflector() {
  const child = spawn('python3', [program, '127.0.0.1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  return {
    port: Number(line),
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Polls while this thread does nothing but stand still, 200 ms at a time, with hardly a moment in between. */
async function pollsWhileBlocked(place: PollingPlace, port: number, times: number) {
  const text = stringify({
    poll: {
      icmp: { interval: `${intervalMs}ms`, timeout: '200ms', count: 3 },
      stamp: { interval: `${intervalMs}ms`, timeout: '200ms', count: 3 },
    },
    elements: [{ id: 'e1', address: '127.0.0.1', stamp: { port } }],
  })
  const loaded = await loadConfigText(text, 'f.yaml', {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  const { vantage, targets } = inventoryFrom(loaded.config)
  const results: PollResult[] = []
  const poller = await openPoller(
    place,
    { poll: loaded.config.poll, vantage, targets },
    {
      deliver: (result) => void results.push(result),
      memory: { recall: () => undefined, keep() {}, all: () => new Map(), close: async () => {} },
      clock: systemClock,
      log: createLogger('silent'),
      metrics: createMetrics(),
    },
  )
  try {
    await poller.pollNow(['e1'])
    results.length = 0
    poller.start()
    const still = new Int32Array(new SharedArrayBuffer(4))
    for (let i = 0; i < times; i++) {
      Atomics.wait(still, 0, 0, blockedMs)
      await turn()
    }
  } finally {
    await poller.stop()
  }
  return results
}

const rttsOf = (results: readonly PollResult[], probe: 'icmp' | 'stamp') =>
  results.flatMap((result) =>
    result.probe === probe ? (result.burst?.rttsMs ?? []).filter((rtt) => rtt !== null) : [],
  )
/** How long after its slot each poll began, ms. */
const latenessOf = (results: readonly PollResult[]) => {
  const { slotMs, slots } = pollGrid(intervalMs, true)
  const phase = phaseOf('e1', slots) * slotMs
  return results.map(({ at }) => (((at - phase) % intervalMs) + intervalMs) % intervalMs)
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

describe.skipIf(!has('fping', 'python3'))('a main thread that stands still', () => {
  it('does not hold up the polls of a polling thread, nor lengthen what they measure', async () => {
    await using reflector = await startReflector()
    const results = await pollsWhileBlocked('thread', reflector.port, 25)
    for (const probe of ['icmp', 'stamp'] as const) {
      const ofProbe = results.filter((result) => result.probe === probe)
      // Five seconds of two polls each; the first and the last may be cut off.
      expect(ofProbe.length).toBeGreaterThanOrEqual(8)
      expect(ofProbe.filter(({ outcome }) => outcome !== 'answered').length).toBeLessThanOrEqual(1)
      expect(median(rttsOf(results, probe))).toBeLessThan(20)
      expect(median(latenessOf(ofProbe))).toBeLessThan(40)
    }
  })

  it('does both to polls of its own, which shows that it is felt', async () => {
    await using reflector = await startReflector()
    const results = await pollsWhileBlocked('here', reflector.port, 15)
    const stamp = results.filter(({ probe }) => probe === 'stamp')
    const lost = stamp.filter(({ outcome }) => outcome !== 'answered').length
    expect(lost > 0 || median(rttsOf(results, 'stamp')) > 50 || median(latenessOf(stamp)) > 40).toBe(true)
  })
})
