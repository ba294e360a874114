import { decodeCursor, encodeCursor } from '../platform/db/cursor.ts'

/**
 * One page of what is in memory, in order of id, so that a page stays where it was when others come or go.
 * @throws FaultlineError REQUEST_INVALID for a cursor that was not given out.
 */
export function pageById<T extends { readonly id: string }, View>(
  all: Iterable<T>,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  view: (one: T) => View,
): { readonly items: View[]; readonly nextCursor: string | undefined } {
  const after = cursor === undefined ? '' : decodeCursor(cursor).id
  const rest = [...all].filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(view),
    nextCursor: last && rest.length > page.length ? encodeCursor({ at: 0, id: last.id }) : undefined,
  }
}
