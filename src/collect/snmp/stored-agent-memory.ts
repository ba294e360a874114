import { z } from 'zod'
import type { ElementId } from '../../model/network-element.ts'
import type { Clock } from '../../platform/clock.ts'
import { portions } from '../../platform/db/json-column.ts'
import type { StateDb } from '../../platform/db/state-db.ts'
import type { Logger } from '../../platform/logger.ts'
import type { AgentMemo, AgentMemory } from './agent-memory.ts'

/** Memos that outlive the process. */
export interface StoredAgentMemory extends AgentMemory {
  all(): ReadonlyMap<ElementId, AgentMemo>
  /** Writes what is not written yet. */
  close(): Promise<void>
}

export interface StoredAgentMemoryDeps {
  readonly db: StateDb
  /** Whether there is still such an agent; what is kept of others is dropped. */
  readonly isPolled: (element: ElementId) => boolean
  readonly clock: Clock
  readonly log: Logger
}

/** What is lost in a power cut is learned again in one poll, so nothing is gained by writing more often. */
const writeEveryMs = 30_000
/** Which of the things that are known of an agent this is. */
const key = 'snmp'

const storedMemo = z.object({
  maxRepetitions: z.int().min(1).max(1_000).exactOptional(),
  engine: z
    .object({
      /** RFC 3411 §5: 5 to 32 octets. */
      id: z.string().regex(/^([0-9a-f]{2}){5,32}$/),
      boots: z.int().min(0),
      time: z.int().min(0),
      at: z.int(),
    })
    .exactOptional(),
})

function memoIn(text: string): AgentMemo | undefined {
  try {
    return storedMemo.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Reads what is known of agents from the state store, and writes there, now and then, what changed. */
export async function openAgentMemory(deps: StoredAgentMemoryDeps): Promise<StoredAgentMemory> {
  const { db, isPolled, clock, log } = deps
  const memos = new Map<ElementId, AgentMemo>()
  const unwritten = new Set<ElementId>()
  const closing = new AbortController()
  let writing: Promise<void> | undefined

  const stale: ElementId[] = []
  for (const row of await db.selectFrom('agent_memory').selectAll().where('key', '=', key).execute()) {
    const memo = isPolled(row.element) ? memoIn(row.value_json) : undefined
    if (memo === undefined) stale.push(row.element)
    else memos.set(row.element, memo)
  }
  for (const elements of portions(stale))
    await db.deleteFrom('agent_memory').where('key', '=', key).where('element', 'in', elements).execute()

  const write = async (elements: readonly ElementId[]) => {
    const updated_at = clock.now()
    const rows = elements.map((element) => {
      unwritten.delete(element)
      return { element, key, value_json: JSON.stringify(memos.get(element)), updated_at }
    })
    try {
      await db
        .insertInto('agent_memory')
        .values(rows)
        .onConflict((known) =>
          known.columns(['element', 'key']).doUpdateSet(({ ref }) => ({
            value_json: ref('excluded.value_json'),
            updated_at: ref('excluded.updated_at'),
          })),
        )
        .execute()
    } catch (err) {
      for (const element of elements) unwritten.add(element)
      log.warn({ err, agents: elements.length }, 'what is known of agents could not be written')
    }
  }
  const writeAll = async () => {
    for (const elements of portions([...unwritten], 200)) await write(elements)
  }
  const writeLater = async () => {
    while (unwritten.size > 0 && !closing.signal.aborted) {
      await clock.sleep(writeEveryMs, closing.signal)
      await writeAll()
    }
    writing = undefined
  }

  return {
    recall: (element) => memos.get(element),
    all: () => memos,
    keep(element, memo) {
      memos.set(element, memo)
      unwritten.add(element)
      if (!closing.signal.aborted) writing ??= writeLater()
    },
    async close() {
      closing.abort()
      await writing
      await writeAll()
    },
  }
}
