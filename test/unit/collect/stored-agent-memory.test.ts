import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAgentMemory } from '../../../src/collect/snmp/stored-agent-memory.ts'
import { openStateDb, type StateDb } from '../../../src/platform/db/state-db.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const engine = { id: '80001f8880aabbccdd', boots: 4, time: 1_000, at: 1_772_352_000_000 }

describe('what is known of agents', () => {
  let clock: ManualClock
  let db: StateDb
  let warnings: { msg: string }[]
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(JSON.parse(line)) })

  beforeEach(async () => {
    clock = new ManualClock()
    db = await openStateDb(':memory:')
    warnings = []
  })
  afterEach(() => db.destroy())

  const open = (isPolled = (_element: string) => true) => openAgentMemory({ db, isPolled, clock, log })
  const rows = async () =>
    (await db.selectFrom('agent_memory').selectAll().orderBy('element').execute()).map(
      ({ element, value_json }) => [element, JSON.parse(value_json)],
    )
  /** Until the state store has carried out what was asked of it: it does so in order. */
  const settled = () => rows()

  it('outlives a restart', async () => {
    const before = await open()
    expect(before.recall('e1')).toBeUndefined()
    before.keep('e1', { maxRepetitions: 12, engine })
    before.keep('e2', {})
    await before.close()
    const after = await open()
    expect(after.recall('e1')).toEqual({ maxRepetitions: 12, engine })
    expect(after.all()).toEqual(
      new Map([
        ['e1', { maxRepetitions: 12, engine }],
        ['e2', {}],
      ]),
    )
    await after.close()
  })

  it('is written every 30 s at most, the last of each', async () => {
    const memory = await open()
    for (let rows = 1; rows <= 5; rows++) memory.keep('e1', { maxRepetitions: rows })
    await clock.advance(29_999)
    expect(await rows()).toEqual([])
    await clock.advance(1)
    await settled()
    expect(await rows()).toEqual([['e1', { maxRepetitions: 5 }]])
    memory.keep('e1', { maxRepetitions: 6 })
    await clock.advance(29_000)
    expect(await rows()).toEqual([['e1', { maxRepetitions: 5 }]])
    await clock.advance(1_000)
    await settled()
    expect(await rows()).toEqual([['e1', { maxRepetitions: 6 }]])
    await memory.close()
  })

  it('is written in full when there is much of it', async () => {
    const memory = await open()
    for (let i = 0; i < 1_000; i++) memory.keep(`e${i}`, { maxRepetitions: 9 })
    await memory.close()
    expect(await rows()).toHaveLength(1_000)
  })

  it('is tried again when it could not be written', async () => {
    const memory = await open()
    await db.schema.alterTable('agent_memory').renameTo('away').execute()
    memory.keep('e1', { maxRepetitions: 3 })
    await clock.advance(30_000)
    await db.schema.alterTable('away').renameTo('agent_memory').execute()
    expect(warnings).toMatchObject([{ msg: 'what is known of agents could not be written' }])
    await memory.close()
    expect(await rows()).toEqual([['e1', { maxRepetitions: 3 }]])
  })

  it('is dropped for elements that are gone, and where it is damaged', async () => {
    const before = await open()
    for (const element of ['e1', 'gone', 'text', 'shape']) before.keep(element, { maxRepetitions: 2 })
    await before.close()
    for (const [element, value_json] of [
      ['text', '{'],
      ['shape', '{"maxRepetitions":-1}'],
    ] as const)
      await db.updateTable('agent_memory').set({ value_json }).where('element', '=', element).execute()
    const after = await open((element) => element !== 'gone')
    expect([...after.all().keys()]).toEqual(['e1'])
    expect(await rows()).toEqual([['e1', { maxRepetitions: 2 }]])
  })
})
