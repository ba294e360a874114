import type { Reading } from '../model/reading.ts'
import type { Sample } from '../model/sample.ts'
import { bitRate, plain, table } from './text-table.ts'

const decimals = (value: number): number => Number(value.toFixed(3))

/** 0.345 → "34.5 %". */
const percent = (ratio: unknown): string | undefined =>
  typeof ratio === 'number' ? `${Number((ratio * 100).toFixed(1))} %` : undefined

/** Small values keep their digits: a laser takes milliamperes. */
const quantity = (value: unknown, unit: string): string | undefined =>
  typeof value === 'number' ? `${Number(value.toPrecision(5))} ${unit}` : undefined

/** `rtt_avg_ms` → "rtt avg 1.5 ms", `loss_ratio` → "loss 20 %". */
function fieldText(name: string, value: unknown): string {
  if (typeof value !== 'number') return `${name} ${value}`
  const words = (suffix: string) => name.slice(0, name.length - suffix.length).replaceAll('_', ' ')
  if (name.endsWith('_ms')) return `${words('_ms')} ${decimals(value)} ms`
  if (name.endsWith('_ratio')) return `${words('_ratio')} ${percent(value)}`
  return `${words('')} ${decimals(value)}`
}

/** Fields of one sample with their units, in the order in which they were made. */
const fieldsText = (sample: Sample): string =>
  Object.entries(sample.fields)
    .map(([name, value]) => fieldText(name, value))
    .join('  ')

const isOf = (reading: Reading) => (sample: Sample) =>
  sample.at === reading.at && sample.tags.element === reading.element

function agentLines(
  reading: Extract<Reading, { probe: 'snmp' }>,
  samples: readonly Sample[],
): readonly string[] {
  const { agent } = reading
  if (agent === undefined) return []
  const { system, interfaces, neighbours = [] } = agent
  const fields = new Map(
    samples
      .filter(isOf(reading))
      .filter(({ measurement }) => measurement === 'interface')
      .map((sample) => [sample.tags.interface, sample.fields]),
  )
  const ports = interfaces.ports.map((port) => {
    const told = fields.get(port.name)
    return [
      port.name,
      port.adminStatus,
      port.operStatus,
      bitRate(told?.speed_bps),
      bitRate(told?.in_bps),
      bitRate(told?.out_bps),
      port.alias || port.description,
    ]
  })
  const told = samples.filter(isOf(reading))
  const element = told.find(({ measurement }) => measurement === 'element')?.fields
  const health: readonly (readonly [name: string, text: string | undefined])[] = [
    ['  profiles', agent.profile?.profiles.join(', ') ?? 'none'],
    ['  cpu', percent(element?.cpu_ratio)],
    ['  memory', percent(element?.memory_ratio)],
    ['  temperature', quantity(element?.temperature_c, '°C')],
  ]
  const sensors = told
    .filter(({ measurement }) => measurement === 'sensor')
    .map(({ tags, fields: { value } }) => [tags.sensor ?? '', quantity(value, tags.unit ?? '') ?? '-'])
  const cables = neighbours.map((one) => [one.localPort, one.remoteSystem, one.remotePort])
  return [
    ...table([
      ['  name', system.name],
      ['  description', system.description],
      ['  object id', system.objectId],
      ['  location', system.location],
      ['  up for', `${Math.floor(system.upTimeTicks / 100)} s`],
      ['  requests', `${agent.requests}`],
      ...health.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
    ]),
    '',
    ...table([['interface', 'admin', 'oper', 'speed', 'in', 'out', 'description'], ...ports]),
    ...(sensors.length === 0 ? [] : ['', ...table([['sensor', 'value'], ...sensors])]),
    ...(cables.length === 0 ? [] : ['', ...table([['port', 'neighbour', 'its port'], ...cables])]),
  ]
}

const readingLines = (reading: Reading, samples: readonly Sample[]): readonly string[] => {
  const head = `${reading.probe}  ${reading.outcome}  ${decimals(reading.durationMs)} ms`
  const problem = reading.problem === undefined ? [] : [`  ${plain(reading.problem)}`]
  const told =
    reading.probe === 'snmp'
      ? agentLines(reading, samples)
      : samples
          .filter(isOf(reading))
          .filter(({ measurement }) => measurement === reading.probe)
          .map((sample) => `  ${fieldsText(sample)}`)
  return [head, ...problem, ...told]
}

/** What one poll of one element saw, as text for a terminal. Ends with a line end. */
export function renderPoll(readings: readonly Reading[], samples: readonly Sample[]): string {
  const blocks = readings.map((reading) => readingLines(reading, samples).join('\n'))
  return `${blocks.length === 0 ? 'nothing was polled' : blocks.join('\n\n')}\n`
}
