import { join } from 'node:path'
import type { Env } from './expand-env.ts'
import { besides, putIn } from './include-files.ts'
import { type Place, placeAt } from './place.ts'
import { type Omission, type Path, type Problem, problemAt } from './problem.ts'
import { readText } from './read-text.ts'
import { at, itemsOf, type Spot, textOf } from './spot.ts'
import { parseTree, type Tree } from './yaml-tree.ts'

const setting: Path = ['policies']
/** In bytes, and in packs of one configuration. */
const largestPack = 256 * 1024
const mostPacks = 50

/** The pack that holds where `policies` is absent. */
export const defaultPolicies: readonly string[] = ['operator-default']

const isFile = (name: string): boolean => /[/\\]|\.ya?ml$/.test(name)
const isPlain = (name: string): boolean => /^[A-Za-z0-9._:-]{1,64}$/.test(name)

/**
 * Puts policy packs into the tree, in the place of the list that names them: plain names are packs of the program, and
 * paths are files, seen from the folder of the configuration.
 */
export async function includePolicies(
  tree: Tree,
  file: string,
  shipped: string,
  env: Env,
): Promise<Omission> {
  const list: Spot = at({ value: tree.value, path: [] }, 'policies')
  if (list.value !== undefined && !Array.isArray(list.value))
    return {
      problems: [problemAt(placeAt(tree.place, setting), setting, 'expected a list of policy packs')],
      unusable: [setting],
    }
  const named: readonly Spot[] =
    list.value === undefined
      ? defaultPolicies.map((name, index) => ({ value: name, path: [...setting, index] }))
      : itemsOf(list)
  const problems: Problem[] = []
  const unusable: Path[] = []
  const packs: Tree[] = []
  if (named.length > mostPacks)
    problems.push(problemAt(placeAt(tree.place, setting), setting, `must not be more than ${mostPacks}`))
  const ids = new Map<string, string>()
  for (const spot of named.slice(0, mostPacks)) {
    const place = placeAt(tree.place, spot.path)
    const wrong = (message: string) => {
      problems.push(problemAt(place, spot.path, message))
      unusable.push(spot.path)
    }
    const read = await readPack(spot, file, shipped)
    if ('problem' in read) wrong(read.problem)
    const parsed = 'text' in read ? parseTree(read.text, read.file, env, spot.path) : undefined
    if (parsed) problems.push(...parsed.problems)
    if (parsed) unusable.push(...parsed.unusable)
    const pack = parsed?.tree
    if (parsed && !pack) unusable.push(spot.path)
    const id = pack && textOf(at(at({ value: pack.value, path: [] }, 'pack'), 'id'))
    if (id !== undefined && ids.has(id)) wrong(`the pack "${id}" is there already, as ${ids.get(id)}`)
    if (id !== undefined) ids.set(id, textOf(spot) ?? '')
    packs.push(pack ?? { value: null, place })
  }
  putIn(tree, setting, { value: packs.map(({ value }) => value), place: listPlace(tree.place, packs) })
  return { problems, unusable }
}

async function readPack(
  spot: Spot,
  file: string,
  shipped: string,
): Promise<{ readonly file: string; readonly text: string } | { readonly problem: string }> {
  const name = textOf(spot)
  if (name === undefined || !(isFile(name) || isPlain(name)))
    return { problem: 'expected the name of a pack, or a file such as policies/ours.yaml' }
  const path = isFile(name) ? besides(file, name) : join(shipped, `${name}.yaml`)
  const read = await readText(path, largestPack)
  if (read.ok) return { file: path, text: read.text }
  return {
    problem: isFile(name) ? `${read.problem}: ${path}` : `no policy pack "${name}" comes with Faultline`,
  }
}

const listPlace = (top: Place, items: readonly Tree[]): Place => ({
  ...placeAt(top, setting),
  keys: new Map(),
  children: new Map(items.map((item, index) => [index, item.place])),
})
