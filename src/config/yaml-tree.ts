import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  type YAMLParseError,
} from 'yaml'
import { messageOf } from '../platform/errors.ts'
import { type Env, expandEnv } from './expand-env.ts'
import type { Place, Source } from './place.ts'
import { type Omission, type Path, type Problem, pathText, problemAt } from './problem.ts'
import { isMapping } from './spot.ts'

/** Plain data and, beside it, where each part of it was written. */
export interface Tree {
  value: unknown
  place: Place
}

// Aliases share what they stand for, so a small file can mean a huge tree; this many values fit every real network.
const mostValues = 2_000_000
const deepest = 40

// The parser recurses, and is slow about it: nothing that a person writes opens this many levels in a row.
const nestedTooDeep = /(?:[[{]\s{0,8}){64}|(?:[-?] {1,8}){64}/

// After the first few, the parser mostly repeats itself.
const mostSyntaxProblems = 10

interface Part extends Tree {
  /** Values in it, those behind aliases counted each time. */
  readonly size: number
}

/** Turns the nodes of one file into plain data, with environment variables put in. */
class TreeBuilder {
  readonly problems: Problem[] = []
  readonly unusable: Path[] = []
  readonly #source: Source
  readonly #env: Env
  // Most values hold nothing; two empty maps for each would be most of the memory.
  readonly #noKeys = new Map<string, number>()
  readonly #noChildren = new Map<string | number, Place>()
  readonly #anchors = new Map<string, Part>()

  constructor(source: Source, env: Env) {
    this.#source = source
    this.#env = env
  }

  build(node: Node | null, path: Path, offset: number): Part {
    if (node && isAlias(node)) return this.#alias(node.source, path, node.range?.[0] ?? offset)
    const place = this.#place(node?.range?.[0] ?? offset, isCollection(node))
    if (path.length > deepest) {
      this.#found(place, path, `is nested more than ${deepest} levels deep`)
      return { value: null, place, size: 1 }
    }
    const part = this.#inside(node, path, place)
    if (node && 'anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, part)
    return part
  }

  #inside(node: Node | null, path: Path, place: Place): Part {
    if (isMap<unknown, Node | null>(node)) return this.#mapping(node.items, path, place)
    if (isSeq<Node | null>(node)) {
      const parts = node.items.map((item, index) => {
        const part = this.build(item, [...path, index], place.offset)
        place.children.set(index, part.place)
        return part
      })
      return this.#limited({ value: parts.map((part) => part.value), place, size: sizeOf(parts) }, path)
    }
    return this.#scalar(isScalar(node) ? node.value : null, path, place)
  }

  #mapping(items: readonly { key: unknown; value: Node | null }[], path: Path, place: Place): Part {
    const entries: [string, unknown][] = []
    const parts: Part[] = []
    for (const { key, value } of items) {
      const keyOffset = key instanceof Scalar ? (key.range?.[0] ?? place.offset) : place.offset
      const name = key instanceof Scalar ? keyText(key.value) : undefined
      if (name === undefined) {
        this.#found({ ...place, offset: keyOffset }, path, 'a key must be plain text')
        continue
      }
      // JavaScript would take it for something else than a key, and lose what stands there without a word.
      if (name === '__proto__') {
        this.#found({ ...place, offset: keyOffset }, [...path, name], 'a key cannot be called "__proto__"')
        continue
      }
      if (place.keys.has(name)) {
        this.#found({ ...place, offset: keyOffset }, [...path, name], 'this key is there twice')
        continue
      }
      const part = this.build(value, [...path, name], keyOffset)
      place.keys.set(name, keyOffset)
      place.children.set(name, part.place)
      entries.push([name, part.value])
      parts.push(part)
    }
    const merged = Object.fromEntries(entries)
    if (isMapping(merged[mergeKey])) takeOver(merged[mergeKey], merged, place)
    return this.#limited({ value: merged, place, size: sizeOf(parts) }, path)
  }

  #scalar(value: unknown, path: Path, place: Place): Part {
    if (typeof value !== 'string') return { value, place, size: 1 }
    const { text, expanded, problems } = expandEnv(value, this.#env)
    for (const problem of problems) this.#found(place, path, problem)
    // Nothing is said about the rest of a value that is not known; null is no text that a check would look at.
    if (problems.length > 0) this.unusable.push(path)
    return {
      value: problems.length > 0 ? null : text,
      place: { ...place, fromEnvironment: expanded },
      size: 1,
    }
  }

  #alias(anchor: string, path: Path, offset: number): Part {
    const part = this.#anchors.get(anchor)
    if (part) return this.#limited(part, path)
    const place = this.#place(offset, false)
    // A known anchor without a value is one that is still being read: it would hold itself.
    this.#found(place, path, `*${anchor} does not stand for anything that was written before it`)
    return { value: null, place, size: 1 }
  }

  #limited(part: Part, path: Path): Part {
    if (part.size <= mostValues) return part
    this.#found(part.place, path, `means more than ${mostValues} values, by its aliases`)
    return { value: null, place: part.place, size: 1 }
  }

  #place(offset: number, holds: boolean): Place {
    const keys = holds ? new Map<string, number>() : this.#noKeys
    const children = holds ? new Map<string | number, Place>() : this.#noChildren
    return { source: this.#source, offset, keys, children, fromEnvironment: false }
  }

  #found(place: Place, path: Path, message: string): void {
    this.problems.push(problemAt(place, path, message))
  }
}

// The merge key of YAML 1.1, which people expect to work: `<<: *common` brings in what is not given beside it.
const mergeKey = '<<'

function takeOver(common: Record<string, unknown>, own: Record<string, unknown>, place: Place): void {
  const from = place.children.get(mergeKey)
  delete own[mergeKey]
  place.children.delete(mergeKey)
  for (const [key, value] of Object.entries(common)) {
    if (Object.hasOwn(own, key)) continue
    own[key] = value
    const inside = from?.children.get(key)
    if (inside) place.children.set(key, inside)
  }
}

const sizeOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + part.size, 1)

const keyText = (key: unknown): string | undefined =>
  typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean' ? String(key) : undefined

/** The parser's own words for this one are for who programs with it. */
const syntaxText = ({ code, message }: YAMLParseError): string =>
  code === 'MULTIPLE_DOCS'
    ? 'the file must hold one document: nothing may follow a line ---'
    : `not valid YAML: ${message}`

export interface Parsed extends Omission {
  readonly tree?: Tree
}

/**
 * Parses one YAML document. `at` is the path that its top has in the whole configuration. After a syntax error there is
 * no tree: what is left of the text would give only misleading problems.
 */
export function parseTree(text: string, file: string, env: Env, at: Path = []): Parsed {
  const lines = new LineCounter()
  if (nestedTooDeep.test(text))
    return { problems: [{ file, path: pathText(at), message: 'not valid: nested too deep' }], unusable: [] }
  const whole = (message: string): Problem => ({ file, path: pathText(at), message })
  try {
    // Keys that are there twice are found by our own walk, which knows their path.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
    const syntax = document.errors.slice(0, mostSyntaxProblems).map((error): Problem => {
      const { line, col } = lines.linePos(error.pos[0])
      return { file, line, column: col, path: pathText(at), message: syntaxText(error) }
    })
    if (syntax.length > 0) return { problems: syntax, unusable: [] }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
      return { problems: [whole('the file is empty')], unusable: [] }
    const builder = new TreeBuilder({ file, lines }, env)
    const { value, place } = builder.build(document.contents, at, 0)
    return { tree: { value, place }, problems: builder.problems, unusable: builder.unusable }
  } catch (error) {
    return { problems: [whole(`not valid YAML: ${messageOf(error)}`)], unusable: [] }
  }
}
