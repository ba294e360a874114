import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnsweredEcho, type Echo, stampBurst } from '../../../src/collect/stamp/stamp-burst.ts'

/** The reflector's clock is an hour ahead, and counts from another epoch. */
const offsetMs = 3_600_000 + 2_208_988_800_000

interface Path {
  readonly forwardMs?: number
  readonly backwardMs?: number
  readonly reflectorSequence?: number
}

function answered(sequence: number, path: Path = {}): AnsweredEcho {
  const { forwardMs = 5, backwardMs = 5, reflectorSequence = sequence } = path
  return {
    sequence,
    fate: 'answered',
    rttMs: forwardMs + backwardMs,
    forwardMs: offsetMs + forwardMs,
    backwardMs: backwardMs - offsetMs,
    reflectorSequence,
  }
}
const lost = (sequence: number): Echo => ({ sequence, fate: 'lost' })
const notSent = (sequence: number): Echo => ({ sequence, fate: 'notSent', problem: 'ENETUNREACH' })

const stateful = { stateful: true, timeoutMs: 1_000 }
const stateless = { stateful: false, timeoutMs: 1_000 }

/** Plays packets from `first` on over a path that loses some, and returns what the sender sees. */
function play(fates: readonly ('ok' | 'forward' | 'backward')[], first: number, counted: number): Echo[] {
  let arrived = counted
  return fates.map((fate, i) => {
    if (fate === 'forward') return lost(first + i)
    const reflectorSequence = arrived++
    return fate === 'backward' ? lost(first + i) : answered(first + i, { reflectorSequence })
  })
}

describe('a STAMP burst', () => {
  it('has a round-trip time for each answer and none for what was lost', () => {
    const burst = stampBurst([answered(0), lost(1), answered(2, { backwardMs: 7 })], stateless)
    expect(burst).toMatchObject({ sent: 3, rttsMs: [10, null, 12] })
  })

  it('leaves out what was never sent', () => {
    const burst = stampBurst([notSent(0), notSent(0), answered(0)], stateless)
    expect(burst).toMatchObject({ sent: 1, rttsMs: [10] })
  })

  it('tells jitter each way although the clocks differ by an hour', () => {
    const burst = stampBurst(
      [
        answered(0, { forwardMs: 5 }),
        answered(1, { forwardMs: 8 }),
        answered(2, { forwardMs: 4, backwardMs: 6 }),
      ],
      stateless,
    )
    expect(burst.jitterForwardMs).toBeCloseTo(3.5, 3)
    expect(burst.jitterBackwardMs).toBeCloseTo(0.5, 3)
  })

  it('tells no jitter when the clock at the other side was set during the burst', () => {
    const burst = stampBurst([answered(0), answered(1, { forwardMs: 9e6, backwardMs: 5 - 9e6 })], stateless)
    expect(burst.jitterForwardMs).toBeUndefined()
    expect(burst.jitterBackwardMs).toBeUndefined()
  })
})

describe('loss by direction', () => {
  it('is not told by a stateless reflector', () => {
    const burst = stampBurst([answered(0), lost(1), answered(2)], stateless)
    expect(burst).not.toHaveProperty('lostForward')
    expect(burst).not.toHaveProperty('lostBackward')
  })

  it('is none either way when all were answered', () => {
    expect(stampBurst([answered(0)], stateful)).toMatchObject({ lostForward: 0, lostBackward: 0 })
  })

  it('counts what never reached the reflector as lost forward', () => {
    const burst = stampBurst(play(['ok', 'forward', 'backward', 'forward', 'ok'], 0, 0), stateful)
    expect(burst).toMatchObject({ lostForward: 2, lostBackward: 1 })
  })

  it('uses the answer before the burst for what was lost at its beginning', () => {
    const echoes = play(['forward', 'backward', 'ok'], 10, 7)
    const before = answered(9, { reflectorSequence: 6 })
    expect(stampBurst(echoes, { ...stateful, before })).toMatchObject({ lostForward: 1, lostBackward: 1 })
  })

  it('does not use one that does not adjoin the burst', () => {
    const echoes = play(['forward', 'ok'], 10, 7)
    const before = answered(8, { reflectorSequence: 6 })
    expect(stampBurst(echoes, { ...stateful, before })).not.toHaveProperty('lostForward')
  })

  it('uses the answer after the burst for what was lost at its end', () => {
    const echoes = play(['ok', 'backward', 'forward'], 0, 0)
    const after = answered(3, { reflectorSequence: 2 })
    expect(stampBurst(echoes, { ...stateful, after })).toMatchObject({ lostForward: 1, lostBackward: 1 })
  })

  it('is unknown when nothing was answered, rather than none', () => {
    const burst = stampBurst([lost(1), lost(2)], { ...stateful, before: answered(0) })
    expect(burst).toMatchObject({ sent: 2, rttsMs: [null, null] })
    expect(burst).not.toHaveProperty('lostForward')
  })

  it('is unknown when the reflector restarted its numbers', () => {
    const burst = stampBurst(
      [answered(5, { reflectorSequence: 5 }), lost(6), answered(7, { reflectorSequence: 0 })],
      stateful,
    )
    expect(burst).not.toHaveProperty('lostForward')
  })

  it('is right on any path, across the wrap of either number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('ok' as const, 'forward' as const, 'backward' as const), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.nat({ max: 2 ** 32 - 1 }),
        fc.nat({ max: 2 ** 32 - 1 }),
        (fates, first, counted) => {
          const wrap = (echo: Echo): Echo =>
            echo.fate !== 'answered'
              ? { ...echo, sequence: echo.sequence % 2 ** 32 }
              : {
                  ...echo,
                  sequence: echo.sequence % 2 ** 32,
                  reflectorSequence: echo.reflectorSequence % 2 ** 32,
                }
          const all = play(['ok', ...fates, 'ok'], first, counted).map(wrap)
          const [before, after] = [all[0], all.at(-1)]
          if (before?.fate !== 'answered' || after?.fate !== 'answered') throw new Error('both were answered')
          const burst = stampBurst(all.slice(1, -1), { ...stateful, before, after })
          expect(burst.lostForward).toBe(fates.filter((fate) => fate === 'forward').length)
          expect(burst.lostBackward).toBe(fates.filter((fate) => fate === 'backward').length)
        },
      ),
    )
  })
})
