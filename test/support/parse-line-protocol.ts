export interface ParsedLine {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, string | number | bigint>>
  readonly at: bigint
}

/**
 * Line protocol read character by character, as InfluxDB's documentation describes it and unlike our encoder: outside of
 * quotes a backslash escapes only a comma, an equals sign or a space; inside only a quote or a backslash.
 */
export function parseLines(text: string): readonly ParsedLine[] {
  let position = 0
  const fail = (what: string): never => {
    throw new Error(`${what} at ${position} of ${JSON.stringify(text)}`)
  }
  const next = () => text[position]
  const expectNext = (character: string) => (next() === character ? position++ : fail(`no ${character}`))

  const name = (): string => {
    let value = ''
    for (;;) {
      const character = next()
      const after = text[position + 1]
      if (character === '\\' && after !== undefined && ',= '.includes(after)) {
        value += after
        position += 2
      } else if (character === undefined || ',= \n'.includes(character)) {
        return value === '' ? fail('an empty name') : value
      } else {
        value += character
        position++
      }
    }
  }

  const quoted = (): string => {
    let value = ''
    expectNext('"')
    for (; next() !== '"'; position++) {
      if (next() === undefined || next() === '\n') return fail('an open quote')
      if (next() === '\\' && ['"', '\\'].includes(text[position + 1] ?? '')) position++
      value += next()
    }
    position++
    return value
  }

  const number = (): number | bigint => {
    const [digits = ''] = /^[^, \n]+/.exec(text.slice(position)) ?? []
    position += digits.length
    if (/^-?\d+i$/.test(digits)) return BigInt(digits.slice(0, -1))
    if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(digits)) return Number(digits)
    return fail(`not a number: ${digits}`)
  }

  const line = (): ParsedLine => {
    const measurement = name()
    const tags: Record<string, string> = {}
    while (next() === ',') {
      position++
      const tag = name()
      expectNext('=')
      tags[tag] = name()
    }
    const fields: Record<string, string | number | bigint> = {}
    do {
      position++
      const field = name()
      expectNext('=')
      fields[field] = next() === '"' ? quoted() : number()
    } while (next() === ',')
    expectNext(' ')
    const [time = ''] = /^\d+/.exec(text.slice(position)) ?? []
    position += time.length
    return { measurement, tags, fields, at: BigInt(time) }
  }

  const lines: ParsedLine[] = []
  while (position < text.length) {
    lines.push(line())
    if (position < text.length) expectNext('\n')
  }
  return lines
}
