/** Numbers and dots are an address, whose parts are no names. */
const hostOf = (name: string): string => (/^[\d.]+$/.test(name) ? name : name.split('.', 1)[0] || name)

/**
 * Finds who bears a system name, as sysName, LLDP and CDP tell it: in any case of letters, and without domain where only
 * one side has one. A name that two have means neither.
 */
export function systemNames<T>(
  named: Iterable<readonly [name: string, owner: T]>,
): (system: string) => T | undefined {
  /** `undefined` as a value: two have it. */
  const whole = new Map<string, T | undefined>()
  const hosts = new Map<string, T | undefined>()
  const add = (names: Map<string, T | undefined>, name: string, owner: T) =>
    names.set(name, names.has(name) && names.get(name) !== owner ? undefined : owner)
  for (const [name, owner] of named) {
    const key = name.toLowerCase()
    if (key === '') continue
    add(whole, key, owner)
    if (hostOf(key) !== key) add(hosts, hostOf(key), owner)
  }
  return (system) => {
    const key = system.toLowerCase()
    if (whole.has(key)) return whole.get(key)
    const host = hostOf(key)
    return host === key ? hosts.get(key) : whole.get(host)
  }
}
