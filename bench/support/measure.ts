/** One line of a benchmark's result; JSON keeps all of it, the table shows it. */
export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it has to reach, where design says so. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number }
}

export interface Spent {
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** CPU time of all threads of this process, and time on the wall. */
export async function spentOn(work: () => Promise<void> | void): Promise<Spent> {
  const before = process.cpuUsage()
  const since = performance.now()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - since) / 1e3 }
}

/** A table for people, then one line of JSON for programs. */
export function print(bench: string, results: readonly Result[]): void {
  const rows = results.map(({ name, value, unit, goal }) => [
    name,
    value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3),
    unit,
    goal === undefined
      ? ''
      : 'atLeast' in goal
        ? `≥ ${goal.atLeast.toLocaleString('en')}`
        : `≤ ${goal.atMost}`,
    goal === undefined ? '' : reached(value, goal) ? 'yes' : 'NO',
  ])
  const table = [['what', 'value', 'unit', 'goal', 'reached'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  for (const row of table)
    console.log(
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
  console.log(JSON.stringify({ bench, node: process.version, results }))
}

const reached = (value: number, goal: NonNullable<Result['goal']>): boolean =>
  'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost
