import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { planProblems } from '../../../../src/incident/maintenance/check-plan.ts'
import { readRule } from '../../../../src/incident/maintenance/rule-text.ts'
import { every, windowOf } from '../../../support/window-of.ts'

describe('the rule of a window', () => {
  test.for<[string, string]>([
    ['', '"" is no part of a rule for windows'],
    ['FREQ=HOURLY', 'FREQ=HOURLY must be DAILY, WEEKLY, MONTHLY or YEARLY'],
    ['INTERVAL=2', 'FREQ is missing'],
    ['FREQ=DAILY;COLOUR=RED', '"COLOUR=RED" is no part of a rule for windows'],
    ['FREQ=DAILY;constructor=1', '"CONSTRUCTOR=1" is no part of a rule for windows'],
    [
      'FREQ=DAILY\nEXDATE:20260101T000000Z',
      'FREQ=DAILY\nEXDATE:20260101T000000Z must be DAILY, WEEKLY, MONTHLY or YEARLY',
    ],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ is there twice'],
    ['FREQ=DAILY;COUNT=0', 'COUNT=0 must be 1 to 1000'],
    ['FREQ=DAILY;COUNT=100000', 'COUNT=100000 must be 1 to 1000'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260101T000000Z', 'COUNT and UNTIL exclude each other'],
    ['FREQ=DAILY;UNTIL=20260101', 'UNTIL=20260101 must be a time in UTC such as 20261231T225959Z'],
    [
      'FREQ=DAILY;UNTIL=20260230T000000Z',
      'UNTIL=20260230T000000Z must be a time in UTC such as 20261231T225959Z',
    ],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0 is out of range'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR=24 is out of range'],
    ['FREQ=DAILY;BYDAY=1MO', 'a number in BYDAY needs FREQ=MONTHLY, or FREQ=YEARLY without BYWEEKNO'],
    ['FREQ=MONTHLY;BYDAY=XX', 'BYDAY=XX is out of range'],
    ['FREQ=WEEKLY;BYMONTHDAY=3', 'BYMONTHDAY does not go with FREQ=WEEKLY'],
    ['FREQ=MONTHLY;BYWEEKNO=3', 'BYYEARDAY and BYWEEKNO need FREQ=YEARLY'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS needs another BY part'],
    ['FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40', 'a day can have 24 starts at most'],
    [`FREQ=DAILY;BYMONTHDAY=${'1,'.repeat(300)}1`, 'is longer than 400 characters'],
  ])('%s is refused', ([rule, problem]) => {
    expect(readRule(rule)).toEqual({ problem })
  })

  it('is taken apart where it is right', () => {
    expect(readRule('freq=weekly;byday=su;until=20261231T225959z')).toEqual({
      local: 'FREQ=WEEKLY;BYDAY=SU',
      until: Date.parse('2026-12-31T22:59:59Z'),
    })
    expect(readRule('FREQ=DAILY;COUNT=3')).toEqual({ local: 'FREQ=DAILY;COUNT=3', count: 3 })
  })

  it('whatever it is, is either understood or refused with a reason, and soon', () => {
    const name = fc.constantFrom(
      ...[
        'FREQ',
        'INTERVAL',
        'COUNT',
        'UNTIL',
        'BYDAY',
        'BYMONTH',
        'BYMONTHDAY',
        'BYYEARDAY',
        'BYWEEKNO',
        'BYSETPOS',
      ],
      ...['BYHOUR', 'BYMINUTE', 'WKST', 'X'],
    )
    const value = fc.oneof(
      fc.constantFrom(
        'DAILY',
        'WEEKLY',
        'MONTHLY',
        'YEARLY',
        'MO',
        'SU,-1MO',
        '-1',
        '1,2,3',
        '366',
        '20300101T000000Z',
      ),
      fc.integer({ min: -3, max: 400 }).map(String),
      fc.string({ maxLength: 6 }),
    )
    const rest = fc.array(fc.tuple(name, value), { maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'), rest, (freq, parts) => {
        const rule = [`FREQ=${freq}`, ...parts.map((part) => part.join('='))].join(';')
        const began = performance.now()
        const plan = windowOf('w', { start: Date.parse('2026-03-01T02:00:00Z'), ...every(rule) })
        const problems = planProblems(plan, { isElement: () => true, now: plan.start })
        for (const { path, message } of problems) {
          expect(path).toMatch(/^recurrence/)
          expect(message).not.toBe('')
        }
        expect(performance.now() - began, rule).toBeLessThan(1_500)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a plan', () => {
  const now = Date.parse('2026-03-01T00:00:00Z')
  const plan = windowOf('w', { start: now + 3_600_000, elements: ['agg1', 'agg2'] })
  const check = (over: Partial<typeof plan>) =>
    planProblems({ ...plan, ...over }, { isElement: (id) => id !== 'nowhere', now }).map(
      ({ path, message }) => `${path} ${message}`,
    )

  it('that is right has no problems', () => {
    expect(check({})).toEqual([])
    expect(check({ start: now - 14 * 60_000 })).toEqual([])
    expect(check(every('FREQ=DAILY;COUNT=3', plan.start + 86_400_000))).toEqual([])
  })

  test.for<[string, Partial<typeof plan>, readonly string[]]>([
    ['an unknown element', { elements: ['agg1', 'nowhere'] }, ['elements.1 there is no element "nowhere"']],
    ['no element', { elements: [] }, ['elements at least one element is needed']],
    [
      'a start in the past',
      { start: now - 16 * 60_000 },
      ['start is in the past: what has happened cannot be planned afterwards'],
    ],
    ['a start in years', { start: now + 800 * 86_400_000 }, ['start is more than two years ahead']],
    ['a second', { durationMs: 1_000 }, ['duration must be 1 minute to 31 days']],
    ['a year', { durationMs: 365 * 86_400_000 }, ['duration must be 1 minute to 31 days']],
    [
      'a zone of its own making',
      { timeZone: 'Mars/Olympus' },
      ['timeZone is no IANA time zone such as Europe/Berlin'],
    ],
    ['an offset for a zone', { timeZone: '+01:00' }, ['timeZone is no IANA time zone such as Europe/Berlin']],
    ...[
      ['FREQ=DAILY;BYHOUR=3;BYSETPOS=2', 'BYSETPOS is beyond what a day can have: 1'],
      ['FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1,-3', 'BYSETPOS is beyond what a week can have: 2'],
      ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=32', 'BYSETPOS is beyond what a month can have: 31'],
      ['FREQ=DAILY;BYSETPOS=366;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,1,2,3', 'BYSETPOS goes with one start a day'],
      [
        'FREQ=MONTHLY;COUNT=1000',
        'COUNT leads to more than ten years after the start; a rule without COUNT has no end',
      ],
      [
        'FREQ=DAILY;UNTIL=99991231T000000Z',
        'UNTIL is more than ten years after the start; a rule without UNTIL has no end',
      ],
    ].map(([rule = '', message]): [string, Partial<typeof plan>, readonly string[]] => [
      `the dear rule ${rule}`,
      every(rule),
      [`recurrence.rule ${message}`],
    ]),
    [
      'a rule whose last start cannot be found',
      {
        start: Date.parse('2028-02-29T01:00:00Z'),
        durationMs: 3_600_000,
        ...every('FREQ=DAILY;COUNT=1000;BYMONTH=2;BYMONTHDAY=29'),
      },
      ['recurrence.rule takes place too seldom for its last start to be found'],
    ],
    [
      'a start that its rule does not have',
      every('FREQ=WEEKLY;BYDAY=WE'),
      ['recurrence.rule the start is no occurrence of this rule'],
    ],
    [
      'a rule of no day',
      every('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'),
      ['recurrence.rule the start is no occurrence of this rule'],
    ],
    [
      'occurrences that overlap',
      { durationMs: 25 * 3_600_000, ...every('FREQ=DAILY') },
      ['recurrence.rule its occurrences overlap: it takes place again before it is over'],
    ],
    [
      'an exclusion of nothing',
      every('FREQ=DAILY', plan.start + 1),
      ['recurrence.exclude.0 is not the start of an occurrence'],
    ],
  ])('with %s is refused', ([, over, problems]) => {
    expect(check(over)).toEqual(problems)
  })

  it('of whole days one after the other does not overlap when the clocks change', () => {
    const start = Date.parse('2026-03-20T00:00:00+01:00')
    expect(check({ start, durationMs: 86_400_000, ...every('FREQ=DAILY;COUNT=20') })).toEqual([])
  })
})
