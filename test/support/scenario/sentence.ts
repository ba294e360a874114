import { type FaultReport, symptoms } from '../../../src/model/fault-report.ts'
import { durationMs, offsetMs, ratioOf } from './quantity.ts'
import type { ScenarioNetwork, WorldLink } from './world-network.ts'

/** What each `<slot>` of a sentence stands for. */
interface SlotValues {
  readonly link: WorldLink
  readonly element: string
  readonly elements: readonly string[]
  readonly site: readonly string[]
  readonly service: string
  readonly percent: number
  readonly duration: number
  readonly period: number
  readonly time: number
  readonly incident: number
  /** `unreachable acc1`. */
  readonly alarm: string
  /** A maintenance window, by its number. */
  readonly work: number
  readonly symptom: FaultReport['symptom']
  readonly who: string
  readonly words: string
}
type Slot = keyof SlotValues

type SlotsIn<Form extends string> = Form extends `${string}<${infer Name}>${infer Rest}`
  ? Name | SlotsIn<Rest>
  : never
type Required<Form extends string> = Form extends `${infer Before}[${string}` ? Before : Form
type Values<Form extends string> = {
  readonly [Name in Extract<SlotsIn<Required<Form>>, Slot>]: SlotValues[Name]
} & {
  readonly [Name in Exclude<Extract<SlotsIn<Form>, Slot>, SlotsIn<Required<Form>>>]?: SlotValues[Name]
}

/** One way to say something, such as `lose <percent> on <link> [towards <element>]`. */
export interface Sentence<Said> {
  readonly form: string
  /** What it does, for the manual. */
  readonly means: string
  /** What is said; undefined when the text is another sentence. A text is what cannot be meant. */
  read(text: string, network: ScenarioNetwork): { readonly said: Said } | string | undefined
}

const slotPattern = /<(\w+)>/g
const isOf = <Name extends string>(names: readonly Name[], text: string): text is Name =>
  names.some((name) => name === text)

const numbered =
  (letter: string, what: string): Reader<number> =>
  (text) =>
    new RegExp(`^${letter}[1-9]\\d*$`).test(text)
      ? { value: Number(text.slice(1)) }
      : `expected ${what} such as ${letter}1 instead of "${text}"`

type Reader<Value> = (text: string, network: ScenarioNetwork) => { readonly value: Value } | string

const quantity =
  (read: (text: string) => number | undefined, what: string): Reader<number> =>
  (text) => {
    const value = read(text)
    return value === undefined ? `expected ${what} instead of "${text}"` : { value }
  }

const element: Reader<string> = (text, network) =>
  network.elements.has(text) ? { value: text } : `there is no element ${text}`

const readers: { readonly [Name in Slot]: Reader<SlotValues[Name]> } = {
  link: (text, { links }) => {
    const [, one = '', other = '', copy = ''] = /^([\w.]+)--([\w.]+?)(#\d+)?$/.exec(text) ?? []
    const value = links.find(
      ({ name }) => name === `${one}--${other}${copy}` || name === `${other}--${one}${copy}`,
    )
    return value ? { value } : `there is no link ${text}`
  },
  element,
  elements: (text, network) => {
    const value = text.split(' ')
    const unknown = value.find((id) => !network.elements.has(id))
    return unknown === undefined ? { value } : `there is no element ${unknown}`
  },
  site: (text, { elements }) => {
    const value = [...elements.values()].filter(({ site }) => site === text).map(({ id }) => id)
    return value.length > 0 ? { value } : `nothing stands at site ${text}`
  },
  service: (text, { services }) =>
    services.some(({ id }) => id === text) ? { value: text } : `there is no service ${text}`,
  percent: quantity(ratioOf, 'a percentage such as 20%'),
  duration: quantity(durationMs, 'a duration such as 90s'),
  period: quantity(durationMs, 'a duration such as 90s'),
  time: quantity(offsetMs, 'a time such as 00:01:30'),
  incident: numbered('#', 'an incident'),
  work: numbered('W', 'a maintenance window'),
  alarm: (text) =>
    /^\S+ \S+$/.test(text) ? { value: text } : `expected an alarm such as "unreachable acc1"`,
  symptom: (text) =>
    isOf(symptoms, text) ? { value: text } : `there is no symptom ${text}; there are ${symptoms.join(', ')}`,
  who: (text) => ({ value: text }),
  words: (text) => ({ value: text }),
}

/** Slots that take several words. */
const several: ReadonlySet<string> = new Set(['elements', 'alarm', 'words'])

function patternOf(form: string): RegExp {
  const source = form
    .replace(/[.*+?^${}()|\\]/g, '\\$&')
    .replace(/ \[([^\]]*)\]/g, '(?: $1)?')
    .replace(slotPattern, (_, name: string) => {
      if (name === 'words') return '(?<words>[^"]*)'
      return several.has(name) ? `(?<${name}>\\S+(?: \\S+)*?)` : `(?<${name}>\\S+)`
    })
  return new RegExp(`^${source}$`)
}

/** Optional parts stand in brackets, at the end. */
export function sentence<const Form extends string, Said>(
  form: Form,
  means: string,
  say: (values: Values<Form>) => Said,
): Sentence<Said> {
  const pattern = patternOf(form)
  return {
    form,
    means,
    read(text, network) {
      const groups = pattern.exec(text)?.groups
      if (!groups && !pattern.test(text)) return undefined
      const values: Record<string, unknown> = {}
      for (const [name, part] of Object.entries(groups ?? {})) {
        if (part === undefined) continue
        const read = readers[name as Slot](part, network)
        if (typeof read === 'string') return read
        values[name] = read.value
      }
      return { said: say(values as Values<Form>) }
    },
  }
}
