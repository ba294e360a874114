import { statSync } from 'node:fs'
import { FaultlineError, messageOf } from '../errors.ts'

/** Whether what is written to an open SQLite file is kept. */
export interface WriteHealth {
  /**
   * Asked before each write and commit.
   * @throws FaultlineError STATE_UNAVAILABLE when the file is not the one that is open.
   */
  assertInPlace(): void
  /** A write came to the file. */
  noteSuccess(): void
  /** A write did not, for a reason that lies with the file or the disk. */
  noteFailure(message: string): void
  /**
   * Why nothing is kept now; undefined when writes are. After a failed write one is tried, so that a disk that has room
   * again is known before somebody wants to write.
   */
  problem(): string | undefined
}

const gone =
  'its file (state.path) was removed, moved or replaced while it was open; nothing is kept until the file is back or the daemon was started again'

/**
 * A file that was unlinked can be written on and on, and nothing of it is left at the end; so its inode is compared with
 * that of its name.
 * @param tryWrite writes something that changes nothing; throws what a write would throw; false: not possible now
 */
export function createWriteHealth(path: string, tryWrite: () => boolean): WriteHealth {
  const opened = path === ':memory:' ? undefined : statSync(path, { bigint: true })
  let failure: string | undefined

  const isInPlace = (): boolean => {
    if (opened === undefined) return true
    try {
      const { dev, ino } = statSync(path, { bigint: true })
      return dev === opened.dev && ino === opened.ino
    } catch {
      // Whatever hides it from us would hide it from the next start.
      return false
    }
  }

  return {
    assertInPlace() {
      if (!isInPlace())
        throw new FaultlineError('STATE_UNAVAILABLE', `the state store cannot be used: ${gone}`)
    },
    noteSuccess() {
      failure = undefined
    },
    noteFailure(message) {
      failure = message
    },
    problem() {
      if (!isInPlace()) return gone
      if (failure === undefined) return undefined
      try {
        if (tryWrite()) failure = undefined
      } catch (error) {
        failure = messageOf(error)
      }
      return failure
    },
  }
}
