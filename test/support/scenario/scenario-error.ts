/** Something in a scenario file that cannot be meant; names the file and the line. */
export class ScenarioError extends Error {
  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`)
    this.name = 'ScenarioError'
  }
}

/** A line of a file without its comment. */
export interface SourceLine {
  readonly number: number
  readonly indent: number
  readonly text: string
}

/** Lines that say something. A comment begins with `#` and a space; `#1` is an incident. */
export const sourceLines = (text: string): readonly SourceLine[] =>
  text.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/(^|\s)#(\s.*)?$/, '').trimEnd()
    return line === ''
      ? []
      : [{ number: index + 1, indent: line.length - line.trimStart().length, text: line.trim() }]
  })
