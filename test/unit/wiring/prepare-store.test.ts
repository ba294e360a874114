import { describe, expect, it, onTestFinished } from 'vitest'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { createLogger } from '../../../src/platform/logger.ts'
import { prepareStore } from '../../../src/wiring/prepare-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** A store that answers each try with the next of these, and the last for ever. */
async function preparing(...answers: readonly (string | undefined | FaultlineError)[]) {
  const clock = new ManualClock()
  const logged: string[] = []
  const log = createLogger('info', { write: (line: string) => logged.push(JSON.parse(line).msg) })
  const tries: number[] = []
  const prepare = async () => {
    const answer = answers[Math.min(tries.length, answers.length - 1)]
    tries.push(clock.now())
    if (answer instanceof FaultlineError) throw answer
    return answer
  }
  const start = clock.now()
  const preparation = prepareStore({ kind: 'influxdb', prepare }, { clock, log })
  onTestFinished(() => preparation.close())
  // The first try.
  await new Promise(setImmediate)
  return { clock, logged, tries: () => tries.map((at) => at - start), preparation }
}

const away = new FaultlineError('STORE_UNAVAILABLE', 'connection refused')

describe('the preparation of the sample store', () => {
  it('begins with the start and ends when all is well', async () => {
    const { clock, tries, preparation, logged } = await preparing(undefined)
    await clock.advance(3_600_000)
    expect(preparation.status()).toEqual({ prepared: true })
    expect(tries()).toEqual([0])
    expect(logged).toEqual([])
  })

  it('is tried again, less and less often, until the store is there, and told once each way', async () => {
    const { clock, tries, preparation, logged } = await preparing(
      ...Array<FaultlineError>(8).fill(away),
      undefined,
    )
    await clock.advance(20_000)
    expect(preparation.status()).toEqual({ prepared: false, remark: 'connection refused' })
    await clock.advance(200_000)
    expect(tries().map((ms) => ms / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121])
    expect(preparation.status()).toEqual({ prepared: true })
    expect(logged).toEqual(['sample store could not be prepared, trying again', 'sample store is prepared'])
  })

  it('keeps looking at what is not as configured, since somebody may put it right', async () => {
    const { clock, tries, preparation } = await preparing('keeps samples 30d', undefined)
    await clock.advance(1_000)
    expect(preparation.status()).toEqual({ prepared: true, remark: 'keeps samples 30d' })
    await clock.advance(600_000)
    expect(preparation.status()).toEqual({ prepared: true })
    expect(tries()).toHaveLength(2)
  })

  it('stays what it was when the store goes away after it', async () => {
    const { clock, preparation } = await preparing('keeps samples 30d', away)
    await clock.advance(700_000)
    expect(preparation.status()).toEqual({ prepared: true, remark: 'connection refused' })
  })

  it('ends with the daemon', async () => {
    const { clock, tries, preparation } = await preparing(away)
    await clock.advance(500)
    await preparation.close()
    await clock.advance(3_600_000)
    expect(tries()).toEqual([0])
  })
})
