import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { FaultlineError, messageOf } from '../platform/errors.ts'

const content = z.object({
  settledUntil: z.int().min(0),
  aliveAt: z.int().min(0),
  since: z.int().min(0).default(0),
  days: z.record(z.string(), z.iso.date()),
})

/** How far roll-ups have come, kept in a small file so that the next start knows what to make good. */
export interface RollupMark {
  /** Every hour before this one (UTC epoch ms) was told from all its samples. */
  readonly settledUntil: number
  /** This process still took samples then. */
  readonly aliveAt: number
  /** The first process of all began then; 0: not known. */
  readonly since: number
  /** Zone → the last local day (`2026-03-29`) whose peaks were told. */
  readonly days: Readonly<Record<string, string>>
}

/** Undefined when there is none. @throws FaultlineError STATE_UNAVAILABLE when it cannot be read or is damaged. */
export async function readMark(file: string): Promise<RollupMark | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw unusable(file, error)
  }
  try {
    return content.parse(JSON.parse(text))
  } catch (error) {
    throw unusable(file, error)
  }
}

/** A killed process leaves the old one or the new one. */
export async function writeMark(file: string, mark: RollupMark): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, `${JSON.stringify(mark)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

const unusable = (file: string, cause: unknown) =>
  new FaultlineError('STATE_UNAVAILABLE', `${file}: ${messageOf(cause)}`, { file }, { cause })
