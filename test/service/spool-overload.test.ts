import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'

const mib = 2 ** 20

interface Second {
  readonly offered: number
  readonly queued: number
  readonly droppedTotal: number
  readonly counted: number
  readonly fillRatio: number
  readonly inMemory: number
  readonly said: readonly string[]
  readonly rss: number
  readonly used: number
}

async function overloaded(disk: 'disk' | 'no-disk', seconds: number): Promise<readonly Second[]> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-overload-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const script = join(import.meta.dirname, '../support/overload-child.ts')
  const child = spawn(process.execPath, ['--expose-gc', script, folder, disk, String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const told: Second[] = []
  for await (const line of createInterface({ input: child.stdout })) told.push(JSON.parse(line))
  expect(await ended).toEqual([0, null])
  return told
}

/** Once everything is full: the first seconds make the code and fill what may be filled. */
const fullFrom = 10

describe('ten times the normal load while the store is away', () => {
  it.each([
    ['the spool fills its disk to the cap', 'disk', 'spool is full, dropping the oldest'],
    ['the disk cannot be written either', 'no-disk', 'memory for samples is full, dropping the oldest'],
  ] as const)('leaves memory bounded when %s, and what is dropped is said', async (_, disk, message) => {
    const told = await overloaded(disk, 30)
    expect(told).toHaveLength(30)
    const full = told.slice(fullFrom)
    for (const { offered, queued, droppedTotal, counted, fillRatio, inMemory } of told) {
      expect(queued + droppedTotal).toBe(offered)
      expect(counted).toBe(droppedTotal)
      expect(inMemory).toBeLessThanOrEqual(50_000)
      expect(fillRatio).toBeLessThanOrEqual(1.2)
    }
    expect(full[0]?.droppedTotal).toBeGreaterThan(0)
    expect(told.at(-1)?.offered).toBe(1_500_000)
    // What is in use stays what it was; what the process has from the system, which it gives back late, is bounded.
    const used = full.map((second) => second.used / mib)
    expect(Math.max(...used) - Math.min(...used)).toBeLessThan(32)
    const rss = full.map((second) => second.rss / mib)
    expect(Math.max(...rss) - Math.min(...rss)).toBeLessThan(96)
    expect(Math.max(...rss)).toBeLessThan(320)
    // Once, and not for each sample.
    expect(told.at(-1)?.said.filter((one) => one === message)).toHaveLength(1)
  })
})
