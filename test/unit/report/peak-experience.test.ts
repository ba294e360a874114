import { describe, expect, it } from 'vitest'
import type { PeakOutcome } from '../../../src/model/peak-experience.ts'
import { type OneServiceDay, peakExperienceOf } from '../../support/peak-experience-of.ts'

const dayOf = (service: string, outcome: PeakOutcome, over: Partial<OneServiceDay> = {}): OneServiceDay => ({
  service,
  class: 'broadband',
  area: 'urban',
  date: '2026-05-11',
  outcome,
  missed: [],
  ...over,
})
const times = (count: number, service: string, outcome: PeakOutcome) =>
  Array.from({ length: count }, () => dayOf(service, outcome))

describe('good experience at the peak', () => {
  it.each([
    ['met at 95 %', 19, 1, 0, 0, 'met'],
    ['missed below it', 18, 1, 0, 0, 'missed'],
    ['said when just enough was judged', 16, 0, 4, 0, 'met'],
    ['not said when too little was', 15, 0, 4, 0, 'insufficient'],
    ['not missed either then', 0, 15, 4, 0, 'insufficient'],
    ['not touched by planned work', 19, 1, 0, 900, 'met'],
    ['not said without any day', 0, 0, 0, 0, 'insufficient'],
    ['not said of planned work alone', 0, 0, 0, 5, 'insufficient'],
  ] as const)('is %s', (_what, good, bad, insufficient, planned, state) => {
    const days = [
      ...times(good, 'a', 'good'),
      ...times(bad, 'b', 'bad'),
      ...times(insufficient, 'c', 'insufficient'),
      ...times(planned, 'd', 'planned'),
    ]
    const found = peakExperienceOf(days, 10)
    expect(found.state).toBe(state)
    expect(found.total).toMatchObject({ good, bad, insufficient, planned })
    expect(found.total.share).toBe(good + bad === 0 ? undefined : good / (good + bad))
    const asked = good + bad + insufficient
    expect(found.total.coverage).toBe(asked === 0 ? undefined : (good + bad) / asked)
  })

  it('is told by class, by area and by day, with what was missed, the worst services first', () => {
    const found = peakExperienceOf(
      [
        dayOf('a', 'good', { date: '2026-05-12' }),
        dayOf('a', 'bad', { missed: ['loss', 'jitter'] }),
        dayOf('b', 'bad', { class: 'voice', area: 'rural', missed: ['loss'] }),
        dayOf('b', 'bad', { class: 'voice', area: 'rural', date: '2026-05-12', missed: ['latency'] }),
        dayOf('c', 'insufficient'),
        dayOf('d', 'planned'),
        dayOf('e', 'good'),
      ],
      2,
    )
    expect(found.services).toBe(5)
    expect(found.missed).toEqual({ latency: 1, loss: 2, jitter: 1, utilisation: 0 })
    expect(found.byClass.map(({ name, good, bad }) => [name, good, bad])).toEqual([
      ['broadband', 2, 1],
      ['voice', 0, 2],
    ])
    expect(found.byArea.map(({ name, share }) => [name, share])).toEqual([
      ['rural', 0],
      ['urban', 2 / 3],
    ])
    expect(
      found.byDay.map(({ name, good, bad, insufficient, planned }) => [
        name,
        good,
        bad,
        insufficient,
        planned,
      ]),
    ).toEqual([
      ['2026-05-11', 1, 2, 1, 1],
      ['2026-05-12', 1, 1, 0, 0],
    ])
    expect(found.worst).toEqual([
      {
        ...{ service: 'b', class: 'voice', area: 'rural', good: 0, bad: 2, insufficient: 0, planned: 0 },
        ...{ share: 0, coverage: 1, missed: { latency: 1, loss: 1, jitter: 0, utilisation: 0 } },
      },
      expect.objectContaining({ service: 'a', bad: 1, share: 0.5 }),
    ])
  })
})
