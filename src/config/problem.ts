import type { Place } from './place.ts'

/** The way to a setting, from the top of the configuration. */
export type Path = readonly (string | number)[]

/** Something wrong with the configuration, where a person can find it. Never holds a secret. */
export interface Problem {
  readonly file: string
  /** 1-based; absent when it is about the file as a whole. */
  readonly line?: number
  readonly column?: number
  /** Such as `elements[3].uplinks[0]`; empty for the whole file. */
  readonly path: string
  readonly message: string
}

/** Takes what is wrong at a path; the reader that made it knows the place. */
export type Found = (path: Path, message: string) => void

/** What a step of reading could not use, and why. */
export interface Omission {
  readonly problems: readonly Problem[]
  /** Where something is left out: nobody should say as well that it is missing or malformed. */
  readonly unusable: readonly Path[]
}

/** `elements[3].interfaces["ge-0/0/1"].speed` */
export function pathText(path: Path): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (/^[A-Za-z_][\w-]*$/.test(key)) text += text === '' ? key : `.${key}`
    else text += `[${JSON.stringify(key)}]`
  }
  return text
}

export function problemAt(place: Place, path: Path, message: string): Problem {
  const { line, col } = place.source.lines.linePos(place.offset)
  return { file: place.source.file, line, column: col, path: pathText(path), message }
}

const position = ({ file, line, column }: Problem) =>
  line === undefined ? file : `${file}:${line}:${column ?? 1}`

// What a file says is shown on a terminal, so its control characters are shown as escapes.
const printable = (text: string) =>
  text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** One line each: `config.yaml:12:5  elements[3].uplinks[0]  no element "agg9"`. */
export const formatProblems = (problems: readonly Problem[]): string =>
  problems
    .map((problem) =>
      [position(problem), problem.path, problem.message]
        .filter((part) => part !== '')
        .map(printable)
        .join('  '),
    )
    .join('\n')

/** In the order of the text, those of the main file first. */
export function sortProblems(problems: readonly Problem[], mainFile: string): Problem[] {
  const files = [...new Set([mainFile, ...problems.map((problem) => problem.file)])]
  const rank = (problem: Problem) => files.indexOf(problem.file)
  return problems.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0),
  )
}
