import { join } from 'node:path'
import { holdFile } from '../../platform/db/held-file.ts'
import { FaultlineError } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'

/**
 * Keeps a second daemon away from a spool folder: each would deliver and delete what the other has written. A disk on
 * which nothing can be written is no reason not to start, since samples then go on from memory; it is said aloud. Returns
 * how to let go.
 * @throws FaultlineError SPOOL_IN_USE when another process has it.
 */
export function lockSpool(path: string, log: Logger): () => void {
  let held: ReturnType<typeof holdFile>
  try {
    held = holdFile(join(path, 'lock'))
  } catch (err) {
    log.warn({ err, path }, 'spool folder cannot be locked against another daemon')
    return () => {}
  }
  if (held === 'taken')
    throw new FaultlineError('SPOOL_IN_USE', `another Faultline is running on the spool folder at ${path}`, {
      path,
    })
  return held
}
