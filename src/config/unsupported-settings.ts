import { placeOfKey } from './place.ts'
import { type Omission, type Path, type Problem, problemAt } from './problem.ts'
import { at, entriesOf, itemsOf, type Spot } from './spot.ts'
import type { Tree } from './yaml-tree.ts'

interface Unsupported {
  /** Path of the setting; `*` is any key or item. */
  readonly at: readonly string[]
  /** Only these values of it. Absent: any. */
  readonly values?: readonly string[]
  readonly instead: string
}

/** Settings that have their name and place already, and do nothing yet: refused, so that nobody believes they work. */
export const unsupportedSettings: readonly Unsupported[] = [
  { at: ['state', 'kind'], values: ['postgres'], instead: 'use kind: sqlite' },
  ...['clocks', 'recurrence', 'compensation', 'escalation', 'vulnerable'].map((part) => ({
    at: ['policies', '*', part],
    instead: 'there are no service-level clocks yet',
  })),
  ...['kpis', 'thresholds', 'outageReports', 'reports'].map((part) => ({
    at: ['policies', '*', part],
    instead: 'of what policies measure there is `peakGood` only',
  })),
  ...['dimensions', 'notifications', 'privacy'].map((part) => ({
    at: ['policies', '*', part],
    instead: 'leave it out',
  })),
  { at: ['policies', '*', 'pack', 'extends'], instead: 'name both packs under `policies`' },
  { at: ['policies', '*', 'pack', 'jurisdiction'], instead: 'leave it out' },
  ...['effectiveFrom', 'effectiveTo'].map((part) => ({
    at: ['policies', '*', 'pack', part],
    instead: 'a pack holds from the moment at which `policies` names it',
  })),
  {
    at: ['policies', '*', 'calendars', '*', 'timeZone'],
    instead: 'hours are in the time zone of the element',
  },
  { at: ['elements', 'source'], instead: 'give a list or { file: … }' },
  { at: ['customers', 'source'], instead: 'give a list or { file: … }' },
  { at: ['services', 'source'], instead: 'give a list or { file: … }' },
  {
    at: ['notify', 'channels', '*', 'kind'],
    values: ['sms', 'smpp', 'http', 'wecom', 'dingtalk', 'slack', 'teams'],
    instead: 'use kind: smtp, webhook or mailbox',
  },
  { at: ['auth', 'oidc'], instead: 'use auth.tokens' },
]

function spotsAt(spot: Spot, pattern: readonly string[]): readonly Spot[] {
  const [key, ...rest] = pattern
  if (key === undefined) return spot.value === undefined ? [] : [spot]
  if (key === '*')
    return [...entriesOf(spot).map(([, inside]) => inside), ...itemsOf(spot)].flatMap((inside) =>
      spotsAt(inside, rest),
    )
  return spotsAt(at(spot, key), rest)
}

/** Says which unsupported settings there are, and what the schema need not complain about again. */
export function findUnsupported(tree: Tree): Omission {
  const problems: Problem[] = []
  const unusable: Path[] = []
  for (const { at: pattern, values, instead } of unsupportedSettings)
    for (const { value, path } of spotsAt({ value: tree.value, path: [] }, pattern)) {
      if (values && !(typeof value === 'string' && values.includes(value))) continue
      const what = values ? `"${String(value)}" is ` : ''
      problems.push(
        problemAt(placeOfKey(tree.place, path), path, `${what}not supported by this version; ${instead}`),
      )
      // A kind or a source decides about the whole mapping that it stands in.
      unusable.push(values || path.at(-1) === 'source' ? path.slice(0, -1) : path)
    }
  return { problems, unusable }
}
