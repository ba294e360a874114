import { createHash } from 'node:crypto'
import { chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '../..')

/**
 * A folder in which `npm start` finds what it finds in a clone after its first run, while its data stays here and not
 * in the clone. Sources and Node are those of the clone. `owner`: who is to run it.
 */
export function makeStartFolder(owner?: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-start-'))
  for (const name of ['package.json', 'package-lock.json', 'scripts'])
    cpSync(join(repository, name), join(folder, name), { recursive: true })
  symlinkSync(join(repository, 'src'), join(folder, 'src'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(repository, 'node_modules', 'node'), join(folder, 'node_modules', 'node'))
  // The start script installs npm packages unless this says that they are those of the lock file.
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  writeFileSync(join(folder, 'node_modules', '.faultline-lock'), lock)
  if (owner !== undefined) chownSync(folder, owner, owner)
  return folder
}
