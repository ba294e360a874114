import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Mounts again, read-only or not. */
  readOnly(yes: boolean): void
}

/** A disk of its own with little room, in memory. Needs root. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'faultline-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path])
  return {
    path,
    readOnly: (yes) => {
      execFileSync('mount', ['-o', `remount,${yes ? 'ro' : 'rw'}`, path])
    },
    async [Symbol.asyncDispose]() {
      execFileSync('umount', ['-l', path])
      await rm(path, { recursive: true })
    },
  }
}
