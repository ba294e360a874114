import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spacingOf } from '../../src/wiring/open-probes.ts'
import { type ChildDaemon, startChildDaemon } from '../support/scenario/child-daemon.ts'
import { type FinalState, finalState } from '../support/scenario/final-state.ts'
import { type LeftBehind, leftBehind } from '../support/scenario/left-behind.ts'
import { readScenario } from '../support/scenario/parse-scenario.ts'
import {
  playAndKill,
  type RecordedPlay,
  type Remains,
  recordPlay,
} from '../support/scenario/recorded-play.ts'
import { configOf } from '../support/scenario/scenario-config.ts'
import { playOn } from '../support/scenario/scenario-process.ts'
import type { BoundaryKind } from '../support/scenario/write-boundaries.ts'

/** The nth boundary of a kind. */
interface RealKill {
  readonly kind: BoundaryKind
  readonly nth: number
}

const scenario = readScenario(resolve(import.meta.dirname, '../scenarios/crash.scenario'))
/** At how many write boundaries the daemon is killed; another number by `KILLS`, and all by `KILLS=all`. */
const kills = process.env.KILLS === 'all' ? Number.POSITIVE_INFINITY : Number(process.env.KILLS ?? 40)
/** Where the process itself is ended by SIGKILL, and another one started on what it left. */
const realKills: readonly RealKill[] = [
  { kind: 'after commit', nth: 40 },
  { kind: 'after mail', nth: 1 },
  { kind: 'before sync', nth: 60 },
]
/** In memory where that can be had: a kill, unlike a power cut, does not ask what has reached the disk. */
const disk = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const started = new Set<ChildDaemon>()
const start = () => {
  const daemon = startChildDaemon(scenario)
  started.add(daemon)
  return daemon
}

let folder: string
let recorded: RecordedPlay
let whole: { readonly state: FinalState; readonly left: LeftBehind }
/** A sample may be lost that was measured so long before, ms. */
let lossMs: number

beforeAll(async () => {
  folder = mkdtempSync(join(disk, 'faultline-killed-'))
  recorded = await recordPlay(scenario, folder)
  whole = { state: await finalState(recorded.folder), left: leftBehind(recorded.folder) }
  const { icmp, snmp } = (await configOf(scenario)).poll
  const burstMs = (icmp.count - 1) * spacingOf(icmp) + icmp.timeout
  // The longest poll, and the second for which the spool gathers.
  lossMs = Math.max(burstMs, snmp.timeout * (snmp.retries + 1)) + 1_000
})
afterAll(async () => {
  // When the test ran out of time, some still run.
  for (const daemon of started) await daemon.end()
  rmSync(folder, { recursive: true, force: true })
})

/** Those of the state store and of messages, and as many of the files of samples, which are far more. */
function chosen(all: readonly Remains[]): readonly Remains[] {
  if (all.length <= kills) return all
  const pick = (from: readonly Remains[], count: number) =>
    Array.from({ length: count }, (_, at) => from[Math.floor(((at + 0.5) * from.length) / count)]).flatMap(
      (one) => one ?? [],
    )
  const isOfState = ({ kind }: Remains) => /commit|mail|removal/.test(kind)
  const ofState = pick(all.filter(isOfState), Math.ceil(kills / 2))
  const others = pick(
    all.filter((one) => !isOfState(one)),
    kills - ofState.length,
  )
  // The very first ones are migrations of the state store.
  return [...new Set([...all.slice(0, 3), ...ofState, ...others])]
}

/** What is wrong with what a daemon made of the remains of another. */
async function judge({ folder, passed }: Remains, was: LeftBehind): Promise<readonly string[]> {
  const wrong: string[] = []
  const { uncertain: _, ...state } = await finalState(folder)
  const { uncertain: __, ...wanted } = whole.state
  try {
    expect(state).toEqual(wanted)
  } catch (error) {
    wrong.push(String(error))
  }
  const left = leftBehind(folder)
  for (const fact of was.facts) if (!left.facts.has(fact)) wrong.push(`lost: ${fact}`)
  for (const { name, value } of was.samples.values())
    if (left.samples.get(name)?.value !== value) wrong.push(`stored, and lost or changed: ${name}`)
  for (const { name, value, at, isMeasured } of whole.left.samples.values()) {
    // What the daemon says of itself has ids, which another run has not.
    if (!isMeasured) continue
    const kept = left.samples.get(name)
    if (at <= passed - lossMs && kept === undefined)
      wrong.push(`measured ${passed - at} ms before, and lost: ${name}`)
    // A rate that was measured after it has another time before it.
    if (at <= passed && kept !== undefined && kept.value !== value) wrong.push(`has another value: ${name}`)
  }
  for (const { name, at, isMeasured } of left.samples.values())
    if (isMeasured && at <= passed - lossMs && !whole.left.samples.has(name))
      wrong.push(`never measured: ${name}`)
  return wrong
}

async function kill({ kind, nth }: RealKill): Promise<Remains> {
  const remains = await playAndKill(scenario, join(folder, `killed ${kind}`), kind, nth)
  if (remains === undefined) throw new Error(`it never came to its ${kind} number ${nth}`)
  return remains
}

/** Starts a daemon on the remains of another, plays the rest, and says what is wrong. */
async function carryOn(daemon: ChildDaemon, one: Remains | RealKill): Promise<readonly string[]> {
  const remains = 'folder' in one ? one : await kill(one)
  const was = leftBehind(remains.folder)
  const problems = await playOn(daemon, scenario, remains.folder, remains)
  const wrong = problems === undefined ? ['it died again'] : [...problems, ...(await judge(remains, was))]
  if (wrong.length === 0) rmSync(remains.folder, { recursive: true })
  const { number, kind, now } = remains
  return wrong.map((what) => `killed ${kind} (${number}), at ${now - scenario.startAt} ms: ${what}`)
}

describe('a daemon that is killed at a write', () => {
  it('has something to lose', () => {
    expect(recorded.problems).toEqual([])
    expect(whole.state).toEqual({
      alarms: [
        'interface-down agg1[to-acc1] cleared',
        'interface-down agg1[to-acc2] cleared',
        'packet-loss acc3 cleared',
        'packet-loss cpe31 cleared',
        'unreachable acc1 cleared',
        'unreachable acc2 cleared',
        'unreachable cpe11 cleared',
        'unreachable cpe12 cleared',
        'unreachable cpe21 cleared',
      ],
      incidents: [
        'degradation; acc3 or its uplink; closed; s31 degraded; ',
        'outage; acc1 or its uplink; closed; s11 down, s12 down; acknowledged',
        'outage; acc2 or its uplink; closed; s21 down; ',
      ],
      told: [
        'c11 outage s11',
        'c11 restored s11',
        'c12 outage s12',
        'c12 restored s12',
        'c21 outage s21',
        'c21 restored s21',
        'c31 outage s31',
        'c31 restored s31',
      ],
      reports: ['s11 matched, linked 1'],
      problems: [],
      uncertain: 0,
    } satisfies FinalState)
    expect(recorded.boundaries).toBeGreaterThan(800)
    expect(whole.left.facts.size).toBeGreaterThan(50)
    expect(whole.left.samples.size).toBeGreaterThan(3_000)
  })

  it('loses nothing and doubles nothing, wherever that is', async () => {
    const all = chosen(recorded.remains)
    const from = performance.now()
    const wrong: string[] = []
    const next = [...realKills, ...all].values()
    const work = async () => {
      let daemon = start()
      for (const one of next) {
        const found = await carryOn(daemon, one).catch((error: unknown) => [String(error)])
        wrong.push(...found.slice(0, 10))
        if (found.length === 0) continue
        await daemon.end()
        daemon = start()
      }
      await daemon.end()
    }
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work))
    const seconds = Math.round((performance.now() - from) / 1_000)
    console.log(
      `${realKills.length} kills and ${all.length} of the ${recorded.remains.length} states that a kill can leave ` +
        `at ${recorded.boundaries} write boundaries, ${seconds} s`,
    )
    expect(wrong).toEqual([])
    // All of them take some minutes; many more where the machine has much else to do.
  }, 3_600_000)
})
