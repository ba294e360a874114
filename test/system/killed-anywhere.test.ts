import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FinalState, finalState } from '../support/scenario/final-state.ts'
import { readScenario } from '../support/scenario/parse-scenario.ts'
import { type Play, playInProcess } from '../support/scenario/scenario-process.ts'

const scenario = readScenario(resolve(import.meta.dirname, '../scenarios/crash.scenario'))
/** How many of the write boundaries are tried, spread over all of them; another number by `KILLS`. */
const kills = Number(process.env.KILLS ?? 10)
const atOnce = 2

let folder: string
const folderOf = (killAt: number) => join(folder, `killed-at-${killAt}`)

async function play(killAt: number): Promise<{ readonly play: Play; readonly state: FinalState }> {
  mkdirSync(folderOf(killAt), { recursive: true })
  const played = await playInProcess(scenario, folderOf(killAt), killAt)
  return { play: played, state: await finalState(folderOf(killAt)) }
}

/** Which boundaries to try: those of the state store and of messages all alike, syncs of samples now and then. */
function chosen(boundaries: Play['boundaries']): readonly number[] {
  const numbers = boundaries.map((_, index) => index + 1)
  if (numbers.length <= kills) return numbers
  const isSync = (number: number) => boundaries[number - 1]?.startsWith('sync') ?? false
  const pick = (from: readonly number[], count: number) =>
    Array.from({ length: count }, (_, at) => from[Math.floor(((at + 0.5) * from.length) / count)] ?? 1)
  const syncs = pick(numbers.filter(isSync), Math.floor(kills / 4))
  const others = pick(
    numbers.filter((number) => !isSync(number)),
    kills - syncs.length,
  )
  // The very first ones are migrations of the state store.
  return [...new Set([...numbers.slice(0, 4), ...others, ...syncs])].toSorted((one, other) => one - other)
}

describe('a daemon that is killed at a write', () => {
  let whole: Awaited<ReturnType<typeof play>>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-killed-'))
    whole = await play(0)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('has something to lose', () => {
    expect(whole.play.problems).toEqual([])
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
    expect(whole.play.boundaries.length).toBeGreaterThan(100)
  })

  it('loses nothing and doubles nothing, wherever that is', async () => {
    const numbers = chosen(whole.play.boundaries)
    const from = performance.now()
    const wrong: string[] = []
    let dead = 0
    const next = numbers.values()
    const work = async () => {
      for (const number of next) {
        const { play: played, state } = await play(number)
        if (played.killedAt !== undefined) dead++
        const { uncertain: _, ...left } = state
        const { uncertain: __, ...right } = whole.state
        try {
          expect(left).toEqual(right)
          rmSync(folderOf(number), { recursive: true })
        } catch (error) {
          const where = `${whole.play.boundaries[number - 1]} (${number}), at ${played.killedAt} ms`
          wrong.push(`killed at ${where}: ${error instanceof Error ? error.message : error}`)
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    const seconds = Math.round((performance.now() - from) / 1_000)
    console.log(
      `${dead} kills at ${numbers.length} of ${whole.play.boundaries.length} write boundaries, ${seconds} s`,
    )
    expect(wrong).toEqual([])
    expect(dead).toBeGreaterThanOrEqual(Math.min(kills, numbers.length) - 2)
    // A minute or so; several where the machine has much else to do.
  }, 600_000)
})
