import type { Sample } from '../../src/model/sample.ts'
import type { PeakPolicy } from '../../src/model/service-policy.ts'
import { createZone } from '../../src/model/zone.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { servicePeakSample } from '../../src/sample/rollup/service-peak.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { createBusyHourReader, storedDaysOf } from '../../src/wiring/busy-hour-reader.ts'
import { createPeakExperienceReader } from '../../src/wiring/peak-experience-reader.ts'
import { createTrailingDays } from '../../src/wiring/trailing-days.ts'
import { type Result, type Spent, spentOn } from './measure.ts'
import { peakDaySample, randomFrom } from './traffic.ts'

const dayMs = 86_400_000
const days = 30
const signal = new AbortController().signal
const zone = createZone('Asia/Shanghai')

type Goal = Pick<Result, 'goal'>

export const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN

async function writeAll(store: SampleStore, samples: readonly Sample[]): Promise<void> {
  for (let at = 0; at < samples.length; at += 10_000) {
    const { refused } = await store.write(samples.slice(at, at + 10_000), signal)
    if (refused > 0) throw new Error('days were refused')
  }
}

/** From the question to the answer: medians of all runs after the first. */
async function costOf(
  what: string,
  read: () => Promise<void>,
  goal: Goal,
  cpuGoal: Goal,
  runs = 16,
): Promise<Result[]> {
  const spent: Spent[] = []
  for (let i = 0; i < runs; i++) spent.push(await spentOn(read))
  const later = spent.slice(1)
  const wallMs = median(later.map(({ wallSeconds }) => wallSeconds * 1_000))
  const cpuMs = median(later.map(({ cpuSeconds }) => cpuSeconds * 1_000))
  return [
    { name: what, value: wallMs, unit: 'ms', ...goal },
    { name: `${what}: our CPU`, value: cpuMs, unit: 'ms', ...cpuGoal },
  ]
}

/** The busy hours of 30 days of 1,000 interfaces before `today`: as a command and as the daemon gives it. */
export async function benchBusyHour(
  name: string,
  store: SampleStore,
  today: number,
  goal: Goal,
): Promise<Result[]> {
  const interfaces = 1_000
  const random = randomFrom(1)
  const samples: Sample[] = []
  for (let day = 1; day <= days; day++)
    for (let i = 0; i < interfaces; i++)
      for (const direction of ['in', 'out'] as const)
        samples.push(peakDaySample(i, direction, today - day * dayMs, random))
  await writeAll(store, samples)
  const readings = {
    'from the store': storedDaysOf(store),
    'by the daemon, after the first': createTrailingDays(storedDaysOf(store), systemClock).read,
  }
  const results: Result[] = []
  for (const [how, readDays] of Object.entries(readings)) {
    const read = createBusyHourReader(store, () => zone, readDays)
    const once = async () => {
      const report = await read({ from: today - days * dayMs, to: today, percentiles: false }, signal)
      if (report.interfaces.length !== interfaces || report.interfaces[0]?.days !== days)
        throw new Error('days are missing')
    }
    results.push(
      ...(await costOf(
        `${name}: busy-hour report, ${days} days of ${interfaces} interfaces, ${how}`,
        once,
        goal,
        {},
      )),
    )
  }
  return results
}

const policy: PeakPolicy = {
  id: 'bench/any',
  version: 1,
  limits: { latencyMs: 100, lossRatio: 0.01, jitterMs: 40, utilisationRatio: 0.8, coverageRatio: 0.8 },
}
const classes = ['broadband', 'voice', 'leased-line', 'television']

/** One day of a service in twenty is bad, one in fifty short of data, one in a hundred planned work. */
function* serviceDays(services: number, today: number): Generator<Sample> {
  const random = randomFrom(2)
  for (let day = 1; day <= days; day++)
    for (let i = 0; i < services; i++) {
      const window = {
        plannedRatio: random() < 0.01 ? 1 : 0,
        coverage: random() < 0.02 ? 0.1 : 1,
        rttMs: 10 + random() * 50,
        lossRatio: random() < 0.05 ? 0.02 : random() / 200,
        jitterMs: random() * 5,
        utilisationRatio: random() * 0.7,
      }
      const service = {
        id: `service-${i}`,
        class: classes[i % classes.length] ?? '',
        area: i % 3 === 0 ? ('rural' as const) : ('urban' as const),
      }
      yield servicePeakSample(service, today - day * dayMs, window, policy)
    }
}

/**
 * The KPI of 30 days of so many services before `today`, by the reader that the daemon and the command share. No service
 * may lie in the store before.
 */
export async function benchKpi(
  name: string,
  store: SampleStore,
  services: number,
  today: number,
  cpuGoal: Goal,
): Promise<Result[]> {
  await writeAll(store, serviceDays(services, today).toArray())
  const read = createPeakExperienceReader(store, () => zone)
  let longestHoldMs = 0
  const once = async () => {
    const { total, ...report } = await read(
      { from: today - days * dayMs, to: today, mostServices: 100 },
      signal,
    )
    const all = total.good + total.bad + total.insufficient + total.planned
    if (report.services !== services || all !== days * services || report.state !== 'missed')
      throw new Error('days are missing')
  }
  const what = `${name}: KPI, ${days} days of ${services} services`
  const runs = services > 1_000 ? 4 : 16
  const results = await costOf(what, once, {}, cpuGoal, runs)
  for (let i = 0; i < 3; i++) longestHoldMs = Math.max(longestHoldMs, await longestHold(once))
  return [...results, { name: `${what}: longest hold of the main thread`, value: longestHoldMs, unit: 'ms' }]
}

/** CPU of the longest turn of the main thread while `work` ran, ms: what a poll has to wait for. */
async function longestHold(work: () => Promise<void>): Promise<number> {
  let longest = 0
  let isOver = false
  let cpu = process.threadCpuUsage()
  const look = () => {
    const { user, system } = process.threadCpuUsage(cpu)
    longest = Math.max(longest, (user + system) / 1_000)
    cpu = process.threadCpuUsage()
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  await work()
  isOver = true
  await new Promise((resolve) => setImmediate(resolve))
  return longest
}
