import type { LinkDifference } from '../model/link-difference.ts'
import type { Logger } from '../platform/logger.ts'

/** Each is told once, and so many a run at the most: a new inventory may be wrong as a whole. */
const mostTold = 50

/** Tells in the log where LLDP and the declared links differ, each difference when it is new. */
export function compareLinks(differences: () => readonly LinkDifference[], log: Logger): () => Promise<void> {
  let known: ReadonlySet<string> = new Set()
  return async () => {
    const now = differences()
    const fresh = now.filter(({ text }) => !known.has(text))
    known = new Set(now.map(({ text }) => text))
    for (const { kind, text } of fresh.slice(0, mostTold))
      log.info({ kind, text }, 'lldp and inventory differ')
    if (fresh.length > mostTold) log.info({ count: fresh.length - mostTold }, 'and more differences')
  }
}
