import { besides } from './include-files.ts'
import type { Place } from './place.ts'
import { type Omission, type Path, type Problem, pathText, problemAt } from './problem.ts'
import { readText } from './read-text.ts'
import { isMapping } from './spot.ts'
import type { Tree } from './yaml-tree.ts'

/** Settings that are secret, wherever they stand; each can also be given as `<name>_file`. */
export const secretKeys: readonly string[] = ['password', 'community', 'token', 'secret']

// A key or token is a line; anything longer is the wrong file.
const largestSecret = 64 * 1024

interface SecretFile {
  readonly holder: Record<string, unknown>
  readonly place: Place
  /** Of the `<name>_file` setting. */
  readonly path: Path
  readonly name: string
}

/** Every `<name>_file` in the tree, each once however many aliases share it. */
function secretFiles(value: unknown, place: Place, path: Path, seen: Set<unknown>): SecretFile[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  return [...place.children].flatMap(([key, inside]) => {
    const name = typeof key === 'string' && key.endsWith('_file') ? key.slice(0, -'_file'.length) : undefined
    if (name !== undefined && secretKeys.includes(name) && isMapping(value))
      return [{ holder: value, place, path: [...path, key], name }]
    return secretFiles(Reflect.get(value, key), inside, [...path, key], seen)
  })
}

/**
 * Replaces each `<name>_file` in the tree by `<name>` with the content of that file, less the line end that editors add.
 * A file named in an included file is seen from that file's folder.
 */
export async function readSecretFiles(tree: Tree): Promise<Omission> {
  const problems: Problem[] = []
  const unusable: Path[] = []
  for (const { holder, place, path, name } of secretFiles(tree.value, tree.place, [], new Set())) {
    const key = `${name}_file`
    const file = holder[key]
    const where = place.children.get(key) ?? place
    const secretPath = [...path.slice(0, -1), name]
    delete holder[key]
    const refuse = (message: string) => {
      problems.push(problemAt(where, path, message))
      unusable.push(secretPath)
    }
    if (typeof file !== 'string') refuse('expected the name of a file')
    else if (Object.hasOwn(holder, name))
      refuse(`${pathText(secretPath)} is given as well; one of the two is enough`)
    else {
      const read = await readText(besides(place.source.file, file), largestSecret)
      if (!read.ok) refuse(`${read.problem}: ${besides(place.source.file, file)}`)
      else {
        holder[name] = read.text.replace(/\r?\n$/, '')
        place.children.set(name, where)
      }
    }
  }
  return { problems, unusable }
}
