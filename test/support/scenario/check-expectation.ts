import type { Alarm } from '../../../src/model/alarm.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { alarmName, alarmWords, rootWords, servicesIn } from './incident-words.ts'
import type { Recorder } from './recorder.ts'
import type { Expectation, ExpectedIncident } from './scenario.ts'
import type { ScenarioNetwork } from './world-network.ts'

/** What is so at the time of an expectation. */
export interface Found {
  readonly network: ScenarioNetwork
  readonly alarms: readonly Alarm[]
  /** Those that are not over. */
  readonly open: readonly Incident[]
  readonly incident: (number: number) => Incident | undefined
  readonly recorder: Recorder
}

const listed = (items: readonly string[]) => (items.length === 0 ? 'none' : items.toSorted().join(', '))

/** Differences, one line each with the line of the scenario; none when all is as expected. */
export function differences(expected: Expectation, found: Found): readonly string[] {
  return [
    ...(expected.alarms ? alarmDifferences(expected.alarms, found) : []).map(
      (problem) => `${expected.line}: ${problem}`,
    ),
    ...(expected.incidents ? incidentDifferences(expected, expected.incidents, found) : []),
    ...(expected.told && listed(expected.told) !== listed(found.recorder.told)
      ? [`${expected.line}: told was ${listed(found.recorder.told)}; expected ${listed(expected.told)}`]
      : []),
  ]
}

function alarmDifferences(expected: readonly string[], { alarms }: Found): readonly string[] {
  const open = new Map(alarms.map((alarm) => [alarmName(alarm), alarm]))
  const problems: string[] = []
  for (const text of expected) {
    const [type = '', resource = '', ...words] = text.split(' ')
    const name = `${type} ${resource}`
    const alarm = open.get(name)
    open.delete(name)
    if (!alarm) problems.push(`there is no alarm ${name}`)
    else if (!words.every((word) => alarmWords(alarm).includes(word)))
      problems.push(`alarm ${name} is ${alarmWords(alarm).join(' ')}; expected ${words.join(' ')}`)
  }
  return [...problems, ...[...open.keys()].map((name) => `there is an alarm ${name} that is not expected`)]
}

function incidentDifferences(
  { line }: Expectation,
  expected: readonly ExpectedIncident[],
  found: Found,
): readonly string[] {
  const left = new Map(found.open.map((incident) => [incident.id, incident]))
  const problems: string[] = []
  // Those with a number first: what is left is taken by what it is.
  for (const one of expected.toSorted(
    (a, b) => Number(b.number !== undefined) - Number(a.number !== undefined),
  )) {
    const is =
      one.number === undefined ? [...left.values()].find(isAbout(one, found)) : found.incident(one.number)
    const name = one.number === undefined ? '' : ` #${one.number}`
    if (is) {
      left.delete(is.id)
      problems.push(
        ...oneDifferences(one, is, found).map((problem) => `${one.line}: incident${name} ${problem}`),
      )
    } else problems.push(`${one.line}: incident${name} is not there`)
  }
  const others = [...left.values()].map(
    (incident) => `${found.recorder.name(incident.id)} ${incident.kind} ${rootsOf(incident, found)}`,
  )
  return others.length === 0 ? problems : [...problems, `${line}: not expected: ${others.join('; ')}`]
}

const rootsOf = ({ roots }: Incident, { network }: Found) =>
  listed(roots.map((root) => rootWords(network, root)))

const isAbout =
  ({ found: wanted }: ExpectedIncident, found: Found) =>
  (incident: Incident): boolean =>
    incident.kind === wanted?.kind && rootsOf(incident, found) === listed(wanted.roots)

function oneDifferences(
  expected: ExpectedIncident,
  is: Incident,
  { network, recorder }: Found,
): readonly string[] {
  const problems: string[] = []
  const compare = (what: string, has: readonly string[], wanted: readonly string[]) => {
    if (listed(has) !== listed(wanted))
      problems.push(`has ${what} ${listed(has)}; expected ${listed(wanted)}`)
  }
  const words = [
    is.state,
    ...(is.restoredAt === undefined ? [] : ['restored']),
    ...(is.mergedInto === undefined ? [] : ['merged', 'into', recorder.name(is.mergedInto)]),
  ]
  for (const word of expected.words)
    if (!words.includes(word)) problems.push(`is ${words.join(' ')}; expected ${word}`)
  if (!expected.found) return problems
  compare('kind', [is.kind], [expected.found.kind])
  compare(
    'roots',
    is.roots.map((root) => rootWords(network, root)),
    expected.found.roots,
  )
  compare('hidden', is.shadowed, expected.hidden)
  compare('down', servicesIn(is.impact, 'down'), expected.down)
  compare('degraded', servicesIn(is.impact, 'degraded'), expected.degraded)
  compare('at risk', servicesIn(is.impact, 'atRisk'), expected.atRisk)
  return problems
}
