import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Env } from './expand-env.ts'
import { besides, putIn } from './include-files.ts'
import { type Place, placeAt } from './place.ts'
import { type Omission, type Path, type Problem, pathText, problemAt } from './problem.ts'
import { readText } from './read-text.ts'
import { at, textOf } from './spot.ts'
import { parseTree, type Tree } from './yaml-tree.ts'

const setting: Path = ['poll', 'profiles']
/** In bytes, and in files of one folder. */
const largestProfile = 64 * 1024
const mostProfiles = 500

interface ReadFolder extends Omission {
  readonly profiles: readonly Tree[]
}

const idOf = ({ value }: Tree): string | undefined => textOf(at({ value, path: [] }, 'id'))

/**
 * Puts the profiles into the tree, in the place of the folder that `poll.profiles` names: those that come with the
 * program, and those of that folder, which replace others with the same id. One file is one profile.
 */
export async function includeProfiles(
  tree: Tree,
  file: string,
  shipped: string,
  env: Env,
): Promise<Omission> {
  const named = at(at({ value: tree.value, path: [] }, 'poll'), 'profiles')
  const place = placeAt(tree.place, setting)
  const folder = textOf(named)
  if (named.value !== undefined && folder === undefined)
    return { problems: [problemAt(place, setting, 'expected the name of a folder')], unusable: [setting] }
  const theirs: ReadFolder =
    folder === undefined
      ? { profiles: [], problems: [], unusable: [] }
      : await readFolder(besides(file, folder), env, (message) => problemAt(place, setting, message))
  const own = new Set(theirs.profiles.map(idOf))
  const ours = await readFolder(shipped, env, (message) => ({
    file: shipped,
    path: pathText(setting),
    message,
  }))
  const profiles = [...ours.profiles.filter((profile) => !own.has(idOf(profile))), ...theirs.profiles]
  putIn(tree, setting, { value: profiles.map(({ value }) => value), place: listPlace(place, profiles) })
  return {
    problems: [...ours.problems, ...theirs.problems],
    unusable: [...ours.unusable, ...theirs.unusable],
  }
}

const listPlace = (place: Place, items: readonly Tree[]): Place => ({
  ...place,
  keys: new Map(),
  children: new Map(items.map((item, index) => [index, item.place])),
})

/** `wrong` tells what is wrong with the folder as a whole. */
async function readFolder(
  folder: string,
  env: Env,
  wrong: (message: string) => Problem,
): Promise<ReadFolder> {
  const nothing = (message: string): ReadFolder => ({
    profiles: [],
    problems: [wrong(message)],
    unusable: [],
  })
  let names: readonly string[]
  try {
    names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).toSorted()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return nothing(`${reasons[code] ?? `the folder cannot be read (${code})`}: ${folder}`)
  }
  if (names.length === 0) return nothing(`there is no profile (*.yaml) in it: ${folder}`)
  if (names.length > mostProfiles)
    return nothing(`there are more than ${mostProfiles} profiles in it: ${folder}`)
  const profiles: Tree[] = []
  const problems: Problem[] = []
  const unusable: Path[] = []
  const ids = new Set<string>()
  for (const name of names) {
    const path = join(folder, name)
    const read = await readText(path, largestProfile)
    if (!read.ok) {
      problems.push({ file: path, path: pathText(setting), message: read.problem })
      continue
    }
    const parsed = parseTree(read.text, path, env, setting)
    problems.push(...parsed.problems)
    unusable.push(...parsed.unusable)
    if (!parsed.tree) continue
    const id = idOf(parsed.tree)
    if (id !== undefined && ids.has(id))
      problems.push(
        problemAt(placeAt(parsed.tree.place, ['id']), setting, `there is another profile "${id}" already`),
      )
    if (id !== undefined) ids.add(id)
    profiles.push(parsed.tree)
  }
  return { profiles, problems, unusable }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'it is not a folder',
  EACCES: 'the folder may not be read',
}
