import { dirname, isAbsolute, join } from 'node:path'
import type { Env } from './expand-env.ts'
import { type Place, placeAt } from './place.ts'
import { type Omission, type Path, type Problem, pathText, problemAt } from './problem.ts'
import { readText } from './read-text.ts'
import { at, isMapping, type Spot, textOf } from './spot.ts'
import { parseTree, type Tree } from './yaml-tree.ts'

/** Largest configuration file, in bytes: some 20,000 customers with their services. Split a larger inventory. */
export const largestFile = 4 * 1024 * 1024

/** A file named in another, as a person would write it who named that other one. */
export const besides = (file: string, named: string): string =>
  isAbsolute(named) ? named : join(dirname(file), named)

/** Reads and parses one file; `path` is what its content is in the whole configuration. */
export async function readTree(
  file: string,
  env: Env,
  path: Path = [],
): Promise<{ readonly tree?: Tree; readonly problems: readonly Problem[] }> {
  const read = await readText(file, largestFile)
  if (read.ok) return parseTree(read.text, file, env, path)
  return { problems: [{ file, path: pathText(path), message: read.problem }] }
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
  const top: Spot = { value: tree.value, path: [] }
  const include = async (
    path: Path,
    part: string,
    pick: (tree: Tree) => Tree | undefined,
    wanted: string,
  ) => {
    const { tree: read, problems: found } = await readTree(part, env, path)
    problems.push(...found)
    const picked = read && pick(read)
    if (read && !picked) problems.push(problemAt(read.place, path, wanted))
    if (picked) putIn(tree, path, picked)
    else unusable.push(path)
  }
  for (const list of ['elements', 'customers', 'services']) {
    const named = textOf(at(at(top, list), 'file'))
    if (named === undefined) continue
    for (const key of Object.keys(at(top, list).value ?? {}))
      if (key !== 'file')
        problems.push(problemAt(placeAt(tree.place, [list, key]), [list, key], `unknown key "${key}"`))
    const pick = (read: Tree) => (Array.isArray(read.value) ? read : undefined)
    await include(
      [list],
      besides(file, named),
      pick,
      `the file must hold the list of ${list}, and nothing else`,
    )
  }
  const rules = at(at(top, 'detection'), 'rules').value
  if (rules === undefined || typeof rules === 'string') {
    const rulesFile = rules === undefined ? shippedRules : besides(file, rules)
    await include(
      ['detection', 'rules'],
      rulesFile,
      (read) => under(read, 'rules'),
      'the file must hold a list under the key "rules", and nothing else',
    )
  }
  return { problems, unusable }
}

function under(tree: Tree, key: string): Tree | undefined {
  const place = tree.place.children.get(key)
  const alone = isMapping(tree.value) && Object.keys(tree.value).length === 1
  return alone && place ? { value: at({ value: tree.value, path: [] }, key).value, place } : undefined
}

/** Sets a part of the tree. A mapping on the way is made when absent; anything else is left alone. */
function putIn(tree: Tree, path: Path, part: Tree): void {
  const key = path.at(-1)
  let value = tree.value
  let place = tree.place
  for (const step of path.slice(0, -1)) {
    if (!isMapping(value)) return
    const inside: unknown = value[step] ?? {}
    value[step] = inside
    const next: Place = place.children.get(step) ?? { ...place, keys: new Map(), children: new Map() }
    place.children.set(step, next)
    value = inside
    place = next
  }
  if (key === undefined || !isMapping(value)) return
  value[key] = part.value
  place.children.set(key, part.place)
}
