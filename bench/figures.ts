import { appendFileSync } from 'node:fs'
import { availableParallelism, cpus, release } from 'node:os'

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What design goals ask for; the figure is marked when it misses it. */
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number }
}

export interface Section {
  readonly title: string
  readonly figures: readonly Figure[]
  /** What one must know to read them. */
  readonly notes?: readonly string[]
}

const meets = ({ value, goal }: Figure): boolean =>
  goal === undefined || ('atMost' in goal ? value <= goal.atMost : value >= goal.atLeast)

const number = (value: number): string =>
  Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString('en')
    : Number.isInteger(value)
      ? String(value)
      : value.toPrecision(3)

const goalText = ({ goal }: Figure): string =>
  goal === undefined ? '' : 'atMost' in goal ? `≤ ${number(goal.atMost)}` : `≥ ${number(goal.atLeast)}`

/** What the figures were made on: without it they mean nothing. */
const machine = () => ({
  cpus: availableParallelism(),
  model: cpus()[0]?.model ?? 'unknown',
  kernel: release(),
  node: process.version,
})

/** Prints tables for people, and JSON: after them with `--json`, added to a file as one line with `--json=FILE`. */
export function printSections(bench: string, sections: readonly Section[], args: readonly string[]): void {
  for (const { title, figures, notes = [] } of sections) {
    console.log(`\n${title}`)
    const width = Math.max(...figures.map(({ name }) => name.length))
    for (const figure of figures) {
      const goal = goalText(figure)
      const verdict = goal === '' ? '' : `   goal ${goal}${meets(figure) ? '' : '   NOT MET'}`
      console.log(
        `  ${figure.name.padEnd(width)}  ${number(figure.value).padStart(12)} ${figure.unit}${verdict}`,
      )
    }
    for (const note of notes) console.log(`  ${note}`)
  }
  const json = JSON.stringify({ bench, at: new Date().toISOString(), machine: machine(), args, sections })
  const asked = args.find((arg) => arg === '--json' || arg.startsWith('--json='))
  if (asked === '--json') console.log(json)
  else if (asked !== undefined) appendFileSync(asked.slice('--json='.length), `${json}\n`)
}

/** The value of `--name=NUMBER`, or the usual one. */
export function numberOption(args: readonly string[], name: string, usual: number): number {
  const text = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const value = text === undefined ? usual : Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name}: not a number: ${text}`)
  return value
}

/** The p-th percentile (0..100) of values, nearest rank. NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN
}
