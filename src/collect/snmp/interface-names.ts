import type { InterfaceName } from '../../model/interface.ts'

export interface NamedBy {
  readonly index: number
  readonly name: string
  readonly description: string
  readonly alias: string
}

/**
 * The name of each interface, by ifIndex: ifName, else ifDescr, else ifAlias, else the ifIndex. Interfaces that would
 * share a name all get their ifDescr behind it where that tells them apart, which outlasts a new ifIndex, else their
 * ifIndex; so none takes over the history of another.
 */
export function interfaceNames(all: readonly NamedBy[]): ReadonlyMap<number, InterfaceName> {
  const byName = Map.groupBy(all, nameOf)
  const taken = new Set([...byName].flatMap(([name, same]) => (same.length === 1 ? [name] : [])))
  const names = new Map<number, InterfaceName>()
  for (const [name, same] of byName) {
    const isTold = areApart(same)
    for (const { index, description } of same) {
      let unique = same.length === 1 ? name : `${name}#${isTold ? description : index}`
      if (same.length > 1) while (taken.has(unique)) unique = `${unique}#${index}`
      taken.add(unique)
      names.set(index, unique)
    }
  }
  return names
}

const nameOf = ({ name, description, alias, index }: NamedBy): string =>
  name || description || alias || `${index}`

const areApart = (all: readonly NamedBy[]): boolean =>
  all.every(({ description }) => description !== '') &&
  new Set(all.map(({ description }) => description)).size === all.length
