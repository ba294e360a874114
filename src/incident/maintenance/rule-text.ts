/** What one part of an RRULE may be (RFC 5545 §3.3.10). */
const parts: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: (value) => /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value),
  INTERVAL: (value) => isNumber(value, 1, 1_000),
  COUNT: (value) => isNumber(value, 1, maxCount),
  UNTIL: (value) => instantOf(value) !== undefined,
  BYDAY: (value) =>
    value.split(',').every((day) => /^([+-]?([1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)$/.test(day)),
  BYMONTH: (value) => areNumbers(value, 1, 12, false),
  BYMONTHDAY: (value) => areNumbers(value, 1, 31, true),
  BYYEARDAY: (value) => areNumbers(value, 1, 366, true),
  BYWEEKNO: (value) => areNumbers(value, 1, 53, true),
  BYSETPOS: (value) => areNumbers(value, 1, 366, true),
  BYHOUR: (value) => areNumbers(value, 0, 23, false),
  BYMINUTE: (value) => areNumbers(value, 0, 59, false),
  WKST: (value) => /^(MO|TU|WE|TH|FR|SA|SU)$/.test(value),
}

/** A window that takes place more often than this is not counted but ended by a date. */
const maxCount = 1_000
/** Starts in one day. */
const maxTimesOfDay = 24
const maxLength = 400

const isNumber = (text: string, least: number, most: number): boolean =>
  /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most

const areNumbers = (text: string, least: number, most: number, signed: boolean): boolean =>
  text.split(',').every((one) => isNumber(signed ? one.replace(/^[+-]/, '') : one, least, most))

/** `20260329T013000Z`: the form that RFC 5545 asks of UNTIL where a start has a time zone. */
function instantOf(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const at = Date.parse(iso)
  return Number.isNaN(at) || new Date(at).toISOString() !== iso ? undefined : at
}

/** An RRULE that was understood. */
export interface ReadRule {
  /** Upper case, without UNTIL: the rest is in local time, and UNTIL is not. */
  readonly local: string
  /** The last instant at which an occurrence may start, UTC epoch ms. */
  readonly until?: number
  readonly count?: number
}

/**
 * Reads the value of an RRULE strictly: what a window cannot mean, or would mean too often, is refused with words for
 * the one who wrote it. `problem` instead of a rule.
 */
export function readRule(text: string): ReadRule | { readonly problem: string } {
  const problem = (why: string) => ({ problem: why })
  if (text.length > maxLength) return problem(`is longer than ${maxLength} characters`)
  const named = new Map<string, string>()
  for (const part of text.toUpperCase().split(';')) {
    const [name = '', value = '', ...more] = part.split('=')
    const isRight = Object.hasOwn(parts, name) ? parts[name] : undefined
    if (!isRight || more.length > 0) return problem(`"${part}" is no part of a rule for windows`)
    if (named.has(name)) return problem(`${name} is there twice`)
    if (!isRight(value)) return problem(`${part} ${hints[name] ?? 'is out of range'}`)
    named.set(name, value)
  }
  const why = objection(named)
  if (why !== undefined) return problem(why)
  const until = instantOf(named.get('UNTIL') ?? '')
  const count = named.get('COUNT')
  named.delete('UNTIL')
  return {
    local: [...named].map(([name, value]) => `${name}=${value}`).join(';'),
    ...(until === undefined ? {} : { until }),
    ...(count === undefined ? {} : { count: Number(count) }),
  }
}

const hints: Readonly<Record<string, string>> = {
  FREQ: 'must be DAILY, WEEKLY, MONTHLY or YEARLY',
  COUNT: `must be 1 to ${maxCount}`,
  UNTIL: 'must be a time in UTC such as 20261231T225959Z',
}

const timesIn = (named: ReadonlyMap<string, string>, name: string): number =>
  named.get(name)?.split(',').length ?? 1

function objection(named: ReadonlyMap<string, string>): string | undefined {
  const freq = named.get('FREQ')
  if (freq === undefined) return 'FREQ is missing'
  if (named.has('COUNT') && named.has('UNTIL')) return 'COUNT and UNTIL exclude each other'
  const numbered = /\d/.test(named.get('BYDAY') ?? '')
  if (numbered && (freq === 'DAILY' || freq === 'WEEKLY' || named.has('BYWEEKNO')))
    return 'a number in BYDAY needs FREQ=MONTHLY, or FREQ=YEARLY without BYWEEKNO'
  if (freq === 'WEEKLY' && named.has('BYMONTHDAY')) return 'BYMONTHDAY does not go with FREQ=WEEKLY'
  if (freq !== 'YEARLY' && (named.has('BYYEARDAY') || named.has('BYWEEKNO')))
    return 'BYYEARDAY and BYWEEKNO need FREQ=YEARLY'
  const others = [...named.keys()].filter((name) => name.startsWith('BY') && name !== 'BYSETPOS')
  if (named.has('BYSETPOS') && others.length === 0) return 'BYSETPOS needs another BY part'
  return timesIn(named, 'BYHOUR') * timesIn(named, 'BYMINUTE') > maxTimesOfDay
    ? `a day can have ${maxTimesOfDay} starts at most`
    : undefined
}

const periods: Readonly<Record<string, string>> = {
  DAILY: 'a day',
  WEEKLY: 'a week',
  MONTHLY: 'a month',
  YEARLY: 'a year',
}

/**
 * What would keep the process busy for a second, of a rule that `readRule` takes; for plans that are new. What BYSETPOS
 * asks for beyond its set is sought through all years, and several starts a day under it make thousands for one that is
 * taken.
 */
export function dearPart(rule: string): string | undefined {
  const named = new Map(
    rule.split(';').map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=')
      return [name, value]
    }),
  )
  if (!named.has('BYSETPOS')) return undefined
  if (timesIn(named, 'BYHOUR') * timesIn(named, 'BYMINUTE') > 1) return 'BYSETPOS goes with one start a day'
  const freq = named.get('FREQ') ?? ''
  const most = { DAILY: 1, WEEKLY: timesIn(named, 'BYDAY'), MONTHLY: 31 }[freq] ?? 366
  return named
    .get('BYSETPOS')
    ?.split(',')
    .some((position) => Math.abs(Number(position)) > most)
    ? `BYSETPOS is beyond what ${periods[freq] ?? 'a period'} can have: ${most}`
    : undefined
}
