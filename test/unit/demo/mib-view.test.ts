import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareOids, createMibView, type Instance, type MibView, oidOf } from '../../../src/demo/mib-view.ts'

const instance = (oid: readonly number[]): Instance => ({ oid, type: 'Integer', value: 1 })
const oids = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 })
const texts = (answers: readonly { oid: readonly number[] }[]) => answers.map(({ oid }) => oid.join('.'))

/** Walks a whole view by GETBULK of one column. */
function walk(view: MibView, repetitions: number): string[] {
  const seen: string[] = []
  for (let at: readonly number[] = [0]; ; ) {
    const answers = view.bulk([at], 0, repetitions, 1_000)
    for (const answer of answers) {
      if (answer.type === 'EndOfMibView') return seen
      seen.push(answer.oid.join('.'))
      at = answer.oid
    }
  }
}

describe('a view of a MIB', () => {
  it('orders by number and not by text, a prefix before what it begins', () => {
    const sorted = ['1.3.10', '1.3.9.1', '1.3.9', '1.0.8802'].map(oidOf).toSorted(compareOids)
    expect(texts(sorted.map((oid) => ({ oid })))).toEqual(['1.0.8802', '1.3.9', '1.3.9.1', '1.3.10'])
  })

  it('answers what it has, and says what it has not', () => {
    const view = createMibView([instance([1, 3, 1]), instance([1, 3, 2])])
    expect(view.get([1, 3, 2])).toMatchObject({ type: 'Integer', oid: [1, 3, 2] })
    expect(view.get([1, 3, 3])).toEqual({ type: 'NoSuchInstance', oid: [1, 3, 3] })
  })

  it('goes on from OIDs that do not exist, and ends behind the last', () => {
    const view = createMibView([instance([1, 3, 1]), instance([1, 5])])
    expect(view.next([1, 3, 1, 7]).oid).toEqual([1, 5])
    expect(view.next([1, 5])).toEqual({ type: 'EndOfMibView', oid: [1, 5] })
    expect(view.next([9])).toEqual({ type: 'EndOfMibView', oid: [9] })
  })

  it('counts max-repetitions in rows, non-repeaters once (RFC 3416 §4.2.3)', () => {
    const view = createMibView([1, 2, 3].flatMap((row) => [instance([1, 1, row]), instance([1, 2, row])]))
    expect(texts(view.bulk([[1], [1, 1], [1, 2]], 1, 2, 100))).toEqual([
      '1.1.1',
      '1.1.1',
      '1.2.1',
      '1.1.2',
      '1.2.2',
    ])
  })

  it('cuts an answer off at the limit, and when every column has ended', () => {
    const view = createMibView([instance([1, 1]), instance([1, 2])])
    expect(view.bulk([[1]], 0, 1_000_000, 100).map(({ type }) => type)).toEqual([
      'Integer',
      'Integer',
      'EndOfMibView',
    ])
    expect(view.bulk([[1], [1]], 0, 5, 3)).toHaveLength(3)
    expect(view.bulk([[1]], 0, 0, 100)).toEqual([])
  })

  it('is walked whole and in order, whatever it holds and however many rows are asked for', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(oids, { selector: String, minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (all, n) => {
          const view = createMibView(all.map(instance))
          const behindZero = all.filter((oid) => compareOids(oid, [0]) > 0)
          expect(walk(view, n)).toEqual(behindZero.toSorted(compareOids).map((oid) => oid.join('.')))
        },
      ),
    )
  })
})
