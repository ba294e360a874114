// `npm run check`: types, lint and format, unused code and dependencies, known vulnerabilities. All of them run, so that
// one go shows every problem.
import { spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { ensureNpmPackages, nodeBinary, root } from './setup.mjs'

ensureNpmPackages()
const node = nodeBinary()
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
const run = (command, args, options = {}) =>
  spawnSync(join(root, 'node_modules', '.bin', command), args, {
    cwd: root,
    stdio: 'inherit',
    env,
    ...options,
  })

const checks = [
  ['types', () => run('tsc', ['--noEmit']).status === 0],
  ['types in the browser', () => run('tsc', ['--noEmit', '-p', 'tsconfig.web.json']).status === 0],
  ['lint and format', () => run('biome', ['check', '--error-on-warnings', '.']).status === 0],
  ['unused code and dependencies', () => run('knip', []).status === 0],
  ['known vulnerabilities', auditIsClean],
]

/** Only an answer can be clean or not; a registry that gives none is said aloud, and is no reason to fail. */
function auditIsClean() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' })
  const answer = parsed(stdout)
  const total = answer?.metadata?.vulnerabilities?.total
  if (total === undefined) {
    console.log(
      '*** npm audit could NOT be asked: the registry in use does not answer audits. Nothing was checked here.',
    )
    return true
  }
  if (total > 0) console.log(stdout)
  return total === 0
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const failed = checks.filter(([name, check]) => {
  console.log(`– ${name}`)
  return !check()
})
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.map(([name]) => name).join(', ')}`)
  process.exit(1)
}
console.log('\nAll checks passed.')
