/** An object identifier as its numbers. */
export type Oid = readonly number[]

/** SMI types (RFC 2578) by the names that net-snmp has for them. Counter64 values are bigints. */
export type MibValue =
  | { readonly type: 'Integer' | 'Counter' | 'Gauge' | 'TimeTicks'; readonly value: number }
  | { readonly type: 'OctetString' | 'OID'; readonly value: string }
  | { readonly type: 'Counter64'; readonly value: bigint }

export type Instance = MibValue & { readonly oid: Oid }

/** What an agent answers for one variable: an instance, or one of the exceptions of RFC 3416 §3. */
export type Answer =
  | Instance
  | { readonly type: 'NoSuchObject' | 'NoSuchInstance' | 'EndOfMibView'; readonly oid: Oid }

/** Everything that an agent has at one moment, in lexicographic order of OID. */
export interface MibView {
  get(oid: Oid): Answer
  /** The first instance behind that OID, which need not exist itself. */
  next(oid: Oid): Answer
  /** GETBULK (RFC 3416 §4.2.3): rows of answers, cut off after `limit` variables or when every column has ended. */
  bulk(oids: readonly Oid[], nonRepeaters: number, maxRepetitions: number, limit: number): readonly Answer[]
}

export const oidOf = (text: string): Oid => text.split('.').map(Number)

export function compareOids(a: Oid, b: Oid): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function createMibView(instances: readonly Instance[]): MibView {
  const sorted = instances.toSorted((a, b) => compareOids(a.oid, b.oid))

  /** Position of the first instance at or behind that OID. */
  function positionOf(oid: Oid): number {
    let from = 0
    let to = sorted.length
    while (from < to) {
      const middle = (from + to) >> 1
      const instance = sorted[middle]
      if (instance !== undefined && compareOids(instance.oid, oid) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  function next(oid: Oid): Answer {
    const at = positionOf(oid)
    const here = sorted[at]
    const found = here !== undefined && compareOids(here.oid, oid) === 0 ? sorted[at + 1] : here
    return found ?? { type: 'EndOfMibView', oid }
  }

  return {
    next,
    get(oid) {
      const found = sorted[positionOf(oid)]
      if (found !== undefined && compareOids(found.oid, oid) === 0) return found
      return { type: 'NoSuchInstance', oid }
    },
    bulk(oids, nonRepeaters, maxRepetitions, limit) {
      const answers = oids.slice(0, nonRepeaters).map(next)
      let row = oids.slice(nonRepeaters)
      for (let i = 0; i < maxRepetitions && row.length > 0 && answers.length < limit; i++) {
        const answered = row.map(next)
        answers.push(...answered)
        if (answered.every(({ type }) => type === 'EndOfMibView')) break
        row = answered.map(({ oid }) => oid)
      }
      return answers.slice(0, limit)
    },
  }
}
