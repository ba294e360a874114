import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Programs that run in a network namespace of their own, each time they are started. */
export interface OwnNetworks {
  readonly folder: string
  /**
   * A script that makes a network, by these shell commands, and becomes `program` with its arguments there. Loopback is
   * up; nothing else is.
   */
  wrap(name: string, program: string, ...commands: readonly string[]): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openOwnNetworks(): Promise<OwnNetworks> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-network-'))
  return {
    folder,
    async wrap(name, program, ...commands) {
      const inside = join(folder, `${name}-inside`)
      const file = join(folder, name)
      await writeFile(
        inside,
        ['#!/bin/sh', 'ip link set lo up', ...commands, `exec ${program} "$@"`, ''].join('\n'),
      )
      await writeFile(file, ['#!/bin/sh', `exec unshare -n ${inside} "$@"`, ''].join('\n'))
      await chmod(inside, 0o755)
      await chmod(file, 0o755)
      return file
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
