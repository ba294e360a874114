import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Path } from './problem.ts'
import type { Config } from './schema.ts'

/** Something about a path that is to be made or written, at the setting that names it. */
export interface PathFinding {
  readonly path: Path
  readonly message: string
}

interface PathSetting {
  readonly path: Path
  readonly kind: 'file' | 'folder'
  readonly at: string
}

/** What is written while Faultline runs; all of it is made when absent. */
function pathSettings({ state, spool, samples, notify }: Config): readonly PathSetting[] {
  return [
    { path: ['state', 'path'], kind: 'file', at: state.path },
    { path: ['spool', 'path'], kind: 'folder', at: spool.path },
    ...(samples.kind === 'embedded'
      ? [{ path: ['samples', 'path'], kind: 'folder', at: samples.path } as const]
      : []),
    ...Object.entries(notify.channels).flatMap(([name, channel]) =>
      channel.kind === 'mailbox'
        ? [{ path: ['notify', 'channels', name, 'path'], kind: 'folder', at: channel.path } as const]
        : [],
    ),
  ]
}

/**
 * Paths, absolute, at which the wrong kind of thing stands, or that lead through something that is no folder: nothing
 * can be made there, whoever runs us. Makes nothing.
 */
export async function findMisplaced(config: Config): Promise<readonly PathFinding[]> {
  const found = await Promise.all(
    pathSettings(config).map(async ({ path, kind, at }) => {
      const message = await misplacement(at, kind)
      return message === undefined ? [] : [{ path, message }]
    }),
  )
  return found.flat()
}

/** Paths that the user who asks may not write: the daemon may run as another one. Makes nothing. */
export async function findUnwritable(config: Config): Promise<readonly PathFinding[]> {
  const found = await Promise.all(
    pathSettings(config).map(async ({ path, kind, at }) => {
      const message = await denial(at, kind)
      return message === undefined ? [] : [{ path, message }]
    }),
  )
  return found.flat()
}

async function misplacement(at: string, kind: PathSetting['kind']): Promise<string | undefined> {
  const near = await nearest(at)
  if (near === undefined) return undefined
  if (near.at !== at) return near.isFolder ? undefined : `${near.at} is no folder, so ${at} cannot be made`
  const isRight = kind === 'folder' ? near.isFolder : near.isFile
  return isRight ? undefined : `${at} is no ${kind}`
}

async function denial(at: string, kind: PathSetting['kind']): Promise<string | undefined> {
  const near = await nearest(at)
  const wanted = near?.at ?? at
  try {
    if (near?.isFile) await access(wanted, constants.R_OK | constants.W_OK)
    // SQLite has its log beside its file.
    const folder = kind === 'file' && wanted === at ? dirname(at) : wanted
    await access(folder, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return `this user may not write ${at} (${codeOf(error)})`
  }
}

/** The path itself, or what stands nearest to it on the way there; undefined where that may not be seen. */
async function nearest(
  at: string,
): Promise<{ readonly at: string; readonly isFile: boolean; readonly isFolder: boolean } | undefined> {
  try {
    const found = await stat(at)
    return { at, isFile: found.isFile(), isFolder: found.isDirectory() }
  } catch (error) {
    const code = codeOf(error)
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(at) === at) return undefined
    return nearest(dirname(at))
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
