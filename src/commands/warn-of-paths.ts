import { findUnwritable } from '../config/path-findings.ts'
import { formatProblems, pathText } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { Terminal } from './terminal.ts'

/** Says on stderr which paths of the settings this user may not write. No error: the daemon may run as another one. */
export async function warnOfPaths(file: string, config: Config, terminal: Terminal): Promise<void> {
  const found = await findUnwritable(config)
  const problems = found.map(({ path, message }) => ({ file, path: pathText(path), message }))
  if (problems.length > 0) terminal.error(formatProblems(problems).replaceAll(/^/gm, 'warning: '))
}
