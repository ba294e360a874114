import { describe, expect, it } from 'vitest'
import {
  equals,
  oneOf,
  placeholder,
  select,
  selectFrom,
  tagValues,
} from '../../../src/dashboards/influxql.ts'

describe('InfluxQL for dashboards', () => {
  it('groups by time and tags, and says what a gap is', () => {
    expect(
      select('icmp', {
        columns: ({ mean }) => ({ loss: mean('loss_ratio') }),
        where: { element: oneOf('element') },
        every: '$__interval',
        by: ['element'],
      }),
    ).toBe(
      `SELECT mean("loss_ratio") AS "loss" FROM "icmp" WHERE $timeFilter AND "element" =~ /^${placeholder('element:regex')}$/ GROUP BY time($__interval), "element" fill(null)`,
    )
  })

  it('selects from a statement without asking for the time again', () => {
    const inner = select('interface', { columns: ({ ratio }) => ({ share: ratio('in_bps', 'speed_bps') }) })
    expect(selectFrom(inner, { share: 'max("share")' }, { within: false })).toBe(
      'SELECT max("share") AS "share" FROM (SELECT mean("in_bps") / mean("speed_bps") AS "share" FROM "interface" WHERE $timeFilter)',
    )
  })

  it('compares an interface as text and not as a pattern', () => {
    expect(tagValues('interface', 'interface', { element: equals('element') })).toBe(
      `SHOW TAG VALUES FROM "interface" WITH KEY = "interface" WHERE "element" = ${placeholder('element:singlequote')}`,
    )
  })

  it('does not compile with a field or tag that the table lacks', () => {
    // @ts-expect-error: a field of another measurement
    select('icmp', { columns: ({ mean }) => ({ loss: mean('in_bps') }) })
    // @ts-expect-error: no such tag
    select('icmp', { columns: ({ mean }) => ({ loss: mean('loss_ratio') }), by: ['interface'] })
    const interfaceOnly = { interface: equals('x') }
    // @ts-expect-error: no such tag to compare
    tagValues('icmp', 'element', interfaceOnly)
    // @ts-expect-error: no such measurement
    tagValues('traffic', 'element')
  })
})
