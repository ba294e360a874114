import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChildDaemon } from './child-daemon.ts'
import type { Scenario } from './scenario.ts'
import { beginning, type Progress, playOn } from './scenario-process.ts'
import type { BoundaryKind } from './write-boundaries.ts'

/** What a kill at one write boundary leaves: the files, and what the world outside has seen by then. */
export interface Remains extends Progress {
  /** Of the boundary, from 1. */
  readonly number: number
  readonly kind: BoundaryKind
  readonly folder: string
}

export interface RecordedPlay {
  /** What the daemon left that nobody killed. */
  readonly folder: string
  readonly boundaries: number
  /** Of boundaries between which nothing was written, answered or measured the first. */
  readonly remains: readonly Remains[]
  readonly problems: readonly string[] | undefined
}

/**
 * Plays a scenario once and copies the daemon's files at each of its write boundaries, while every thread of it stands
 * still: byte for byte what kill -9 would leave then. The copies are made in `base`.
 */
export async function recordPlay(scenario: Scenario, base: string): Promise<RecordedPlay> {
  const folder = join(base, 'whole')
  mkdirSync(folder)
  const remains: Remains[] = []
  let progress = beginning(scenario)
  let copiedAt: Progress | undefined
  let boundaries = 0
  const daemon = startChildDaemon(scenario, (kind) => {
    boundaries++
    if (kind.startsWith('before') && copiedAt === progress) return 'goOn'
    copiedAt = progress
    const copy = { ...progress, number: boundaries, kind, folder: join(base, String(boundaries)) }
    cpSync(folder, copy.folder, { recursive: true, preserveTimestamps: true })
    remains.push(copy)
    return 'goOn'
  })
  try {
    const problems = await playOn(daemon, scenario, folder, progress, (next) => {
      progress = next
    })
    return { folder, boundaries, remains, problems }
  } finally {
    await daemon.end()
  }
}

/**
 * Plays a scenario until the nth write boundary of a kind, where the process is ended by SIGKILL. Undefined when it never
 * came there.
 */
export async function playAndKill(
  scenario: Scenario,
  folder: string,
  kind: BoundaryKind,
  nth: number,
): Promise<Remains | undefined> {
  mkdirSync(folder)
  let progress = beginning(scenario)
  let boundaries = 0
  let ofThisKind = 0
  const daemon = startChildDaemon(scenario, (reached) => {
    boundaries++
    return reached === kind && ++ofThisKind === nth ? 'kill' : 'goOn'
  })
  try {
    const problems = await playOn(daemon, scenario, folder, progress, (next) => {
      progress = next
    })
    return problems === undefined ? { ...progress, number: boundaries, kind, folder } : undefined
  } finally {
    await daemon.end()
  }
}
