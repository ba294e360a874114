import type { z } from 'zod'
import { nearestWord } from '../platform/nearest-word.ts'
import { knownKeysAt } from './known-keys.ts'
import { type Place, placeAt, placeOfKey } from './place.ts'
import { type Path, type Problem, problemAt } from './problem.ts'
import { at, isMapping } from './spot.ts'
import type { Tree } from './yaml-tree.ts'

type Issue = z.core.$ZodIssue

const nameOfType = (type: string): string =>
  ({
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  })[type] ?? type

const nameOfValue = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return 'no finite number'
  return nameOfType(typeof value)
}

const listed = (values: readonly unknown[]): string => {
  const all = [...new Set(values.map(String))]
  const last = all.pop() ?? ''
  return all.length === 0 ? last : `${all.join(', ')} or ${last}`
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inside, key) => {
    if (Array.isArray(inside)) return inside[Number(key)]
    return isMapping(inside) ? at({ value: inside, path: [] }, String(key)).value : undefined
  }, value)

/** The words for one issue of the validator. Never shows a value: it may be a secret. */
function messageFor(issue: Issue, value: unknown): string {
  if (value === undefined && !isOurs(issue)) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'int' && typeof value === 'number') return 'expected a whole number'
      return isOurs(issue)
        ? issue.message
        : `expected ${nameOfType(issue.expected)}, got ${nameOfValue(value)}`
    case 'invalid_value':
      return `expected ${listed(issue.values)}`
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `expected ${listed(issue.options)}`
        : issue.message
    default:
      return issue.message
  }
}

// The validator's own messages begin like this; all others are written in our schema.
const isOurs = (issue: Issue): boolean => !/^(Invalid|Unrecognized|Too (big|small))/.test(issue.message)

/** A branch of words that takes none of what is there says no more than that: the other branches have their say too. */
const isRootValue = (issue: Issue): boolean => issue.path.length === 0 && issue.code === 'invalid_value'

/** An issue of a union becomes those of the branch that was meant: the one whose type fits the value. */
function flatten(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  // Best a branch that takes the value and refuses what is in it.
  const meant =
    issue.errors.find((branch) => branch.every((inner) => inner.path.length > 0)) ??
    issue.errors.find((branch) =>
      branch.every((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'),
    )
  if (meant && !meant.every(isRootValue))
    return meant.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }))
  const types = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => {
      if (inner.code === 'invalid_value') return inner.values.map(String)
      return inner.code === 'invalid_type' ? [nameOfType(inner.expected)] : []
    }),
  )
  return [{ ...issue, message: `expected ${listed(types)}` }]
}

function unknownKey(path: Path, key: string): string {
  const known = knownKeysAt(path)
  // One that another form of the mapping has is spelled right, and stands in the wrong place.
  const near = known.has(key) ? undefined : nearestWord(key, known)
  return `unknown key "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`
}

const asPath = (path: readonly PropertyKey[]): Path =>
  path.map((key) => (typeof key === 'number' ? key : String(key)))

/** What the schema found, with places; `[path, problem]`, so that the caller can leave out what it knows better. */
export function schemaProblems(
  error: z.ZodError,
  tree: Tree,
): readonly (readonly [path: Path, problem: Problem])[] {
  const problem = (place: Place, path: Path, message: string) =>
    [path, problemAt(place, path, message)] as const
  return error.issues.flatMap(flatten).flatMap((issue) => {
    const path = asPath(issue.path)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) =>
        problem(placeOfKey(tree.place, [...path, key]), [...path, key], unknownKey(path, key)),
      )
    if (issue.code === 'invalid_key')
      return [problem(placeOfKey(tree.place, path), path, issue.issues[0]?.message ?? issue.message)]
    return [problem(placeAt(tree.place, path), path, messageFor(issue, valueAt(tree.value, path)))]
  })
}

/**
 * Numbers and booleans that came in as text from an environment variable, turned into what the setting wants. Returns
 * whether there were any, so that validating again makes sense.
 */
export function convertFromEnvironment(error: z.ZodError, tree: Tree): boolean {
  let converted = false
  for (const issue of error.issues.flatMap(flatten)) {
    const path = asPath(issue.path)
    const place = placeAt(tree.place, path)
    const key = path.at(-1)
    const holder = valueAt(tree.value, path.slice(0, -1))
    if (issue.code !== 'invalid_type' || key === undefined || !place.fromEnvironment) continue
    if (typeof holder !== 'object' || holder === null) continue
    const value = typed(issue.expected, Reflect.get(holder, key))
    if (value === undefined) continue
    Reflect.set(holder, key, value)
    converted = true
  }
  return converted
}

function typed(expected: string, text: unknown): number | boolean | undefined {
  if (typeof text !== 'string') return undefined
  if (expected === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (expected === 'number' || expected === 'int')
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
  return undefined
}
