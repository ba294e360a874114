import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isLinuxRoot } from './requires.ts'

/** The Unix user and group that own nothing. */
export const nobody = 65534

/**
 * What to spawn with in order not to be root. Empty when we are not root anyway, and, said aloud, when other users may
 * not read these files: a clone in a private folder.
 */
export function asNobody(...files: readonly string[]): { readonly uid?: number; readonly gid?: number } {
  if (!isLinuxRoot) return {}
  const barred = files.find((file) => !othersMayRead(file))
  if (barred === undefined) return { uid: nobody, gid: nobody }
  console.warn(`*** Not shown to run without root: other users may not read ${barred}.`)
  return {}
}

/** Whether a user who owns nothing may read that file or folder. */
export function othersMayRead(file: string): boolean {
  if ((statSync(file).mode & 0o004) === 0) return false
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
