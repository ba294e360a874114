import { z } from 'zod'
import { duration } from './quantity.ts'
import { whole } from './setting.ts'

/** When an alarm that comes and goes is told once instead of each time. */
export const flappingSettings = z
  .strictObject({
    penalty: whole(1, 100_000)
      .prefault(1_000)
      .meta({ description: 'Added each time that an alarm is raised, and each time that it is cleared.' }),
    suppress: whole(1, 1_000_000)
      .prefault(4_000)
      .meta({ description: 'From this penalty on an alarm is flapping: it stays active and says no more.' }),
    reuse: whole(1, 1_000_000)
      .prefault(2_000)
      .meta({ description: 'Below this penalty it is stable: it is raised or cleared, whichever is true.' }),
    halfLife: duration('1s', '1d')
      .prefault('15m')
      .meta({ title: 'duration', description: 'In this time without a change the penalty falls by half.' }),
    maxTime: duration('1s', '7d').prefault('1h').meta({
      title: 'duration',
      description: 'However often it came and went before, it is stable after so long without a change.',
    }),
  })
  .refine(({ reuse, suppress }) => reuse < suppress, { error: 'must be below "suppress"', path: ['reuse'] })
  .refine(({ reuse, suppress, maxTime, halfLife }) => reuse * 2 ** (maxTime / halfLife) >= suppress, {
    error: 'is too short for the penalty ever to reach "suppress"',
    path: ['maxTime'],
  })
  .transform(({ halfLife, maxTime, ...rest }) => ({ ...rest, halfLifeMs: halfLife, maxMs: maxTime }))
