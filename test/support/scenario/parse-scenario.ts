import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import { happenings } from './happenings.ts'
import { parseExpectation } from './parse-expectation.ts'
import { parseNetwork } from './parse-network.ts'
import { durationMs, offsetMs } from './quantity.ts'
import type { Happening, Scenario, Setting } from './scenario.ts'
import { ScenarioError, type SourceLine, sourceLines } from './scenario-error.ts'
import type { ScenarioNetwork } from './world-network.ts'

const repository = resolve(import.meta.dirname, '../../..')

/** A line without indentation, and those that are indented under it. */
interface Block {
  readonly head: SourceLine
  readonly body: readonly SourceLine[]
}

function blocksOf(file: string, lines: readonly SourceLine[]): readonly Block[] {
  const blocks: { head: SourceLine; body: SourceLine[] }[] = []
  for (const line of lines) {
    const last = blocks.at(-1)
    if (line.indent === 0) blocks.push({ head: line, body: [] })
    else if (last) last.body.push(line)
    else throw new ScenarioError(file, line.number, 'the first line must not be indented')
  }
  return blocks
}

/** @throws ScenarioError with file and line. */
export function readScenario(path: string): Scenario {
  return parseScenario(readFileSync(path, 'utf8'), relative(repository, path))
}

/**
 * Reads a scenario; `file` is what problems name, and where `network from` begins to look.
 * @throws ScenarioError
 */
export function parseScenario(text: string, file: string): Scenario {
  const fail = (line: number, problem: string): never => {
    throw new ScenarioError(file, line, problem)
  }
  let title: string | undefined
  let open: string | undefined
  let network: ScenarioNetwork | undefined
  let startAt = Date.parse('2026-03-02T08:00:00Z')
  let warmUpMs = 150_000
  let stepMs = 1_000
  let historyMs = 0
  let endMs: number | undefined
  const settings: Setting[] = []
  const said: Happening[] = []

  function readSettings(body: readonly SourceLine[]): void {
    for (const { number, text: line } of body) {
      const [, path = '', value = ''] = /^(\S+)\s+(.+)$/.exec(line) ?? []
      if (path === 'start') startAt = Date.parse(value)
      else if (path === 'warm-up') warmUpMs = durationMs(value) ?? Number.NaN
      else if (path === 'step') stepMs = durationMs(value) ?? Number.NaN
      else if (path === 'history') historyMs = durationMs(value) ?? Number.NaN
      else if (/^\w+(\.[\w-]+)+$/.test(path)) settings.push({ path, value: parse(value) })
      else fail(number, `expected a setting such as "poll.icmp.interval 10s" instead of "${line}"`)
      if (Number.isNaN(startAt + warmUpMs + stepMs + historyMs)) fail(number, `"${value}" cannot be read`)
    }
  }

  function readHappening({ head, body }: Block): void {
    const { number } = head
    const known = network ?? fail(number, 'the network comes before what happens in it')
    const [, time = '', sentence = ''] = /^at (\S+) (.+)$/.exec(head.text) ?? []
    const at = offsetMs(time) ?? fail(number, `expected a time such as 00:01:30 instead of "${time}"`)
    const common = { at, line: number, text: sentence }
    if (sentence === 'expect') {
      said.push({ ...common, kind: 'expect', expectation: parseExpectation(file, head, body) })
      return
    }
    const stray = body[0]
    if (stray) fail(stray.number, `nothing belongs under "${sentence}"`)
    for (const form of happenings) {
      const read = form.read(sentence, known)
      if (read === undefined) continue
      if (typeof read === 'string') throw new ScenarioError(file, number, `${read} (in "${form.form}")`)
      if ('act' in read.said) said.push({ ...common, kind: 'act', act: read.said.act })
      else
        for (const { afterMs, event, text = sentence } of read.said.world)
          said.push({ ...common, text, at: at + afterMs, kind: 'world', event })
      return
    }
    fail(number, `nothing is known that is said as "${sentence}"`)
  }

  for (const block of blocksOf(file, sourceLines(text))) {
    const { head, body } = block
    const [word, ...rest] = head.text.split(/\s+/)
    if (word === 'scenario') title = rest.join(' ')
    else if (word === 'open') open = rest.join(' ')
    else if (head.text === 'network') network = parseNetwork(file, body)
    else if (word === 'network' && rest[0] === 'from') network = networkFrom(file, head, rest[1] ?? '')
    else if (head.text === 'settings') readSettings(body)
    else if (word === 'at') readHappening(block)
    else if (word === 'until')
      endMs = offsetMs(rest[0] ?? '') ?? fail(head.number, 'expected "until HH:MM:SS"')
    else fail(head.number, `a scenario has no "${head.text}"`)
  }
  if (title === undefined) return fail(1, 'expected "scenario" and its name')
  if (network === undefined) return fail(1, 'there is no network')
  const ordered = said.toSorted((one, other) => one.at - other.at || rank(one) - rank(other))
  return {
    file,
    title,
    ...(open === undefined ? {} : { open }),
    network,
    settings,
    startAt,
    warmUpMs,
    stepMs,
    historyMs,
    happenings: ordered,
    endMs: Math.max(endMs ?? 0, ...ordered.map(({ at }) => at)),
  }
}

/** What is expected at a time is so before anything else happens then. */
const rank = ({ kind }: Happening): number => (kind === 'expect' ? 0 : 1)

function networkFrom(file: string, { number }: SourceLine, name: string): ScenarioNetwork {
  const path = join(dirname(file), name)
  let text: string
  try {
    text = readFileSync(resolve(repository, path), 'utf8')
  } catch {
    throw new ScenarioError(file, number, `there is no file ${path}`)
  }
  return parseNetwork(path, sourceLines(text))
}
