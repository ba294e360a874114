import type { Env } from '../config/expand-env.ts'
import { loadConfig } from '../config/load-config.ts'
import { formatProblems } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { Terminal } from './terminal.ts'

export interface ConfigDeps {
  readonly env: Env
  readonly terminal: Terminal
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Loads a configuration and says on stderr what is wrong or odd with it. Undefined: it cannot be used (exit code 78). */
export async function readConfig(file: string, { env, terminal }: ConfigDeps): Promise<Config | undefined> {
  const loaded = await loadConfig(file, env)
  if (loaded.ok) {
    if (loaded.warnings.length > 0)
      terminal.error(formatProblems(loaded.warnings).replaceAll(/^/gm, 'warning: '))
    return loaded.config
  }
  terminal.error(formatProblems(loaded.problems))
  terminal.error(`${file}: ${counted(loaded.problems.length, 'problem')}; this configuration cannot be used`)
  return undefined
}
