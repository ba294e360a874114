/** Columns that a character takes on a terminal: Chinese, Japanese and Korean ones take two. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1),
    0,
  )

/** What comes from devices must not steer the terminal. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')

/** Rows in columns; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(plain))
  const widths = (cells[0] ?? []).map((_, at) =>
    cells.reduce((most, row) => Math.max(most, width(row[at] ?? '')), 0),
  )
  return cells.map((row) =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  )
}

const prefixes = ['', 'k', 'M', 'G', 'T']

/** 1250000 → "1.25 Mbit/s"; what is no number → "-". */
export function bitRate(value: unknown): string {
  let rest = Number(value)
  if (value === undefined || !Number.isFinite(rest)) return '-'
  let step = 0
  for (; Math.abs(rest) >= 1_000 && step < prefixes.length - 1; step++) rest /= 1_000
  return `${Number(rest.toPrecision(3))} ${prefixes[step]}bit/s`
}
