import type { Expectation, ExpectedIncident } from './scenario.ts'
import { ScenarioError, type SourceLine } from './scenario-error.ts'

const listOf = (text: string, separator: RegExp = /,\s*/): readonly string[] =>
  text === 'none' ? [] : text.split(separator)

const kinds = ['outage', 'degradation', 'redundancy', 'agent', 'blind']
const incidentWords = ['open', 'acknowledged', 'inProgress', 'held', 'resolved', 'closed', 'restored']

type Impacts = Pick<ExpectedIncident, 'hidden' | 'down' | 'degraded' | 'atRisk'>
const impactKeys: Readonly<Record<string, keyof Impacts>> = {
  hidden: 'hidden',
  down: 'down',
  degraded: 'degraded',
  'at risk': 'atRisk',
}

function incidentFrom(file: string, { number: line, text }: SourceLine, details: readonly SourceLine[]) {
  const fail = (problem: string, where = line): never => {
    throw new ScenarioError(file, where, problem)
  }
  const [, number, is, rest = ''] = /^incident (?:#(\d+) )?(is )?(.+)$/.exec(text) ?? []
  if (is && number === undefined) fail('which incident? "incident #1 is resolved" says it')
  const [said = '', ...more] = rest.split(/;\s*/)
  const words = (is ? [said, ...more] : more).flatMap((part) => part.split(/,?\s+/))
  const [, kind = '', roots = ''] = /^(\S+) (.+)$/.exec(said) ?? []
  if (!is && !kinds.includes(kind))
    fail(`there is no kind of incident "${kind}"; there are ${kinds.join(', ')}`)
  for (const word of words) {
    if (!incidentWords.includes(word) && !/^#\d+$/.test(word) && word !== 'merged' && word !== 'into')
      fail(`an incident is never "${word}"`)
  }
  const impacts: Record<keyof Impacts, readonly string[]> = { hidden: [], down: [], degraded: [], atRisk: [] }
  for (const detail of details) {
    const [, name = '', list = ''] = /^([^:]+):\s*(.+)$/.exec(detail.text) ?? []
    const key = impactKeys[name]
    if (key === undefined) fail(`an incident has no "${detail.text}"`, detail.number)
    else impacts[key] = listOf(list, /\s+/)
  }
  return {
    line,
    ...(number === undefined ? {} : { number: Number(number) }),
    ...(is ? {} : { found: { kind, roots: listOf(roots) } }),
    words,
    ...impacts,
  } satisfies ExpectedIncident
}

/** Reads the lines under `expect`. Alarms, incidents and messages that are asked for at all are asked for exactly. */
export function parseExpectation(file: string, head: SourceLine, lines: readonly SourceLine[]): Expectation {
  let alarms: readonly string[] | undefined
  let told: readonly string[] | undefined
  let incidents: ExpectedIncident[] | undefined
  const indent = lines[0]?.indent ?? 0
  for (const [index, line] of lines.entries()) {
    if (line.indent > indent) continue
    const next = lines.findIndex((other, at) => at > index && other.indent <= indent)
    const details = lines.slice(index + 1, next < 0 ? undefined : next)
    const { text } = line
    if (text.startsWith('alarms: ')) alarms = listOf(text.slice('alarms: '.length))
    else if (text.startsWith('told: ')) told = listOf(text.slice('told: '.length))
    else if (text === 'incidents: none') incidents ??= []
    else if (text.startsWith('incident ')) {
      incidents ??= []
      incidents.push(incidentFrom(file, line, details))
    } else
      throw new ScenarioError(
        file,
        line.number,
        `nothing like "${text}" can be expected; "alarms:", "incident", "incidents: none" and "told:" can`,
      )
  }
  if (alarms === undefined && told === undefined && incidents === undefined)
    throw new ScenarioError(file, head.number, 'nothing is expected')
  return {
    line: head.number,
    ...(alarms === undefined ? {} : { alarms }),
    ...(incidents === undefined ? {} : { incidents }),
    ...(told === undefined ? {} : { told }),
  }
}
