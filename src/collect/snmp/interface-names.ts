import type { InterfaceName } from '../../model/interface.ts'

export interface NamedBy {
  readonly index: number
  readonly name: string
  readonly description: string
  readonly alias: string
}

/**
 * The name of each interface, by ifIndex: ifName, else ifDescr, else ifAlias, else the ifIndex. Interfaces that would
 * share a name all get their ifIndex behind it, so that none takes over the history of another.
 */
export function interfaceNames(all: readonly NamedBy[]): ReadonlyMap<number, InterfaceName> {
  const wanted = all.map((one) => ({
    index: one.index,
    name: one.name || one.description || one.alias || `${one.index}`,
  }))
  const uses = new Map<string, number>()
  for (const { name } of wanted) uses.set(name, (uses.get(name) ?? 0) + 1)
  const isShared = (name: string) => (uses.get(name) ?? 0) > 1
  const taken = new Set(wanted.map(({ name }) => name).filter((name) => !isShared(name)))
  const names = new Map<number, InterfaceName>()
  for (const { index, name } of wanted) {
    let unique = name
    if (isShared(name)) {
      do unique = `${unique}#${index}`
      while (taken.has(unique))
      taken.add(unique)
    }
    names.set(index, unique)
  }
  return names
}
