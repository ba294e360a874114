import { dirname, isAbsolute, join } from 'node:path'
import type { Env } from './expand-env.ts'
import { placeAt, placeOfKey } from './place.ts'
import { type Omission, type Path, type Problem, pathText, problemAt } from './problem.ts'
import { readText } from './read-text.ts'
import { at, isMapping, type Spot, textOf } from './spot.ts'
import { parseTree, type Tree } from './yaml-tree.ts'

/** Largest configuration file, in bytes: some 20,000 customers with their services. Split a larger inventory. */
export const largestFile = 4 * 1024 * 1024

/** A file named in another, as a person would write it who named that other one. */
export const besides = (file: string, named: string): string =>
  isAbsolute(named) ? named : join(dirname(file), named)

/** Something that stands in a file of its own, whole or in part. */
interface Inclusion {
  /** Where it belongs. */
  readonly path: Path
  /** The setting that names the file; absent for the rules that come with the program. */
  readonly namedAt?: Path
  readonly file: string
  /** The path that the top of the file has. */
  readonly top: Path
  readonly pick: (tree: Tree) => Tree | undefined
  /** What else the file may hold, and where that belongs. */
  readonly beside?: { readonly key: string; readonly path: readonly string[] }
  readonly wanted: string
}

/**
 * Puts into the tree what stands in other files: `elements`, `customers` and `services` given as `{ file: … }`, and the
 * rules, which come from `detection.rules` or else from the file that comes with the program.
 */
export async function includeFiles(
  tree: Tree,
  file: string,
  shippedRules: string,
  env: Env,
): Promise<Omission> {
  const problems: Problem[] = []
  const unusable: Path[] = []
  for (const list of lists)
    for (const key of besidesFile({ value: tree.value, path: [] }, list))
      problems.push(problemAt(placeOfKey(tree.place, [list, key]), [list, key], `unknown key "${key}"`))
  for (const inclusion of inclusionsOf(tree, file, shippedRules)) {
    const { path, namedAt, top, pick, wanted } = inclusion
    const read = await readText(inclusion.file, largestFile)
    if (!read.ok) {
      const message = `${read.problem}: ${inclusion.file}`
      problems.push(
        namedAt
          ? problemAt(placeAt(tree.place, namedAt), namedAt, message)
          : { file, path: pathText(path), message },
      )
      unusable.push(path)
      continue
    }
    const parsed = parseTree(read.text, inclusion.file, env, top)
    problems.push(...parsed.problems)
    unusable.push(...parsed.unusable)
    const picked = parsed.tree && pick(parsed.tree)
    if (parsed.tree && !picked) problems.push(problemAt(parsed.tree.place, path, wanted))
    if (picked) putIn(tree, path, picked)
    else unusable.push(path)
    const { beside } = inclusion
    const more = parsed.tree && picked && beside && partOf(parsed.tree, beside.key)
    if (more) problems.push(...putBeside(tree, beside.path, more))
  }
  return { problems, unusable }
}

const lists = ['elements', 'customers', 'services'] as const

function inclusionsOf(tree: Tree, file: string, shippedRules: string): readonly Inclusion[] {
  const top: Spot = { value: tree.value, path: [] }
  const inclusions = lists.flatMap((list): Inclusion[] => {
    const named = at(at(top, list), 'file')
    const name = textOf(named)
    if (name === undefined) return []
    const pick = (read: Tree) => (Array.isArray(read.value) ? read : undefined)
    const wanted = `the file must hold the list of ${list}, and nothing else: no line "${list}:" above it, no other list`
    return [{ path: [list], namedAt: named.path, file: besides(file, name), top: [list], pick, wanted }]
  })
  const { value: rules, path } = at(at(top, 'detection'), 'rules')
  if (rules !== undefined && typeof rules !== 'string') return inclusions
  const theirs = rules === undefined ? { file: shippedRules } : { file: besides(file, rules), namedAt: path }
  const beside = { key: 'calendars', path: ['detection', 'calendars'] }
  const pick = (read: Tree) => only(read, 'rules', beside.key)
  const wanted = 'the file must hold a list under the key "rules", "calendars" if any, and nothing else'
  return [...inclusions, { path, top: ['detection'], pick, beside, wanted, ...theirs }]
}

/** What stands beside `file`, where it does not belong. */
const besidesFile = (top: Spot, list: string): readonly string[] => {
  const { value } = at(top, list)
  return isMapping(value) && 'file' in value ? Object.keys(value).filter((key) => key !== 'file') : []
}

function only(tree: Tree, key: string, optional: string): Tree | undefined {
  if (!isMapping(tree.value)) return undefined
  return Object.keys(tree.value).every((one) => one === key || one === optional)
    ? partOf(tree, key)
    : undefined
}

function partOf({ value, place }: Tree, key: string): Tree | undefined {
  const inside = place.children.get(key)
  return isMapping(value) && inside ? { value: value[key], place: inside } : undefined
}

/** Puts in what may stand in either file, and not in both. */
function putBeside(tree: Tree, path: readonly string[], part: Tree): readonly Problem[] {
  const own = path.reduce<Spot>(at, { value: tree.value, path: [] })
  if (own.value !== undefined)
    return [problemAt(placeOfKey(tree.place, path), path, 'the rules file has them; put all of them there')]
  putIn(tree, path, part)
  return []
}

/** Sets a part of the tree. A mapping on the way is made when absent; anything else is left alone. */
export function putIn(tree: Tree, path: Path, part: Tree): void {
  const key = path.at(-1)
  let value = tree.value
  let place = tree.place
  for (const step of path.slice(0, -1)) {
    if (!isMapping(value)) return
    if (value[step] === undefined) {
      value[step] = {}
      place.children.set(step, { ...place, keys: new Map(), children: new Map() })
    }
    value = value[step]
    place = place.children.get(step) ?? place
  }
  if (key === undefined || !isMapping(value)) return
  value[key] = part.value
  place.children.set(key, part.place)
}
