import type { ElementId } from '../model/network-element.ts'

/** RFC 3339 in UTC, to the second. */
export const timeText = (at: number): string =>
  Number.isFinite(at) ? new Date(at).toISOString().replace(/\.\d+Z$/, 'Z') : 'an unknown time'

/** "a", "a and b", "a, b and c", "a, b, c, d and 12 more". */
export function listText(names: readonly ElementId[], most = 5): string {
  const shown = names.length > most + 1 ? [...names.slice(0, most), `${names.length - most} more`] : names
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}

/** The verb after one name or several. */
export const verb = (count: number, one: string, several: string): string => (count === 1 ? one : several)

/** As `listText`; many begin with their count: "17 elements (a, b, c, d, e and 12 more)". */
export const countedList = (names: readonly ElementId[], noun: string, most = 5): string =>
  names.length > most + 1 ? `${names.length} ${noun}s (${listText(names, most)})` : listText(names, most)
