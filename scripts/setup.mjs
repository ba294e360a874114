// What `npm start` and `npm test` share. Plain JavaScript without dependencies: it runs before anything is installed,
// on the machine's own Node (20 or newer).
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Faultline runs from source by type stripping, and uses node:sqlite: both want this Node. */
const wantedNode = 24

/** Ends the program with a message that says what to do. */
export function giveUp(message) {
  console.error(`\n${message}\n`)
  process.exit(1)
}

/** Installs the npm packages of the lock file, unless exactly these are there. */
export function ensureNpmPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.faultline-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  const modules = join(root, 'node_modules')
  // npm ci empties the folder first, whosever it is.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    giveUp(
      `${modules} is a link, and does not hold the packages of package-lock.json. It is not touched: install where it leads.`,
    )
  console.log('Installing npm packages (npm ci) …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0)
    giveUp('npm ci failed; see its message above. Faultline needs the npm registry once, to install.')
  writeFileSync(stamp, lock)
}

/** The Node to run on: this one when it is new enough, else the one that the `node` package brought. */
export function nodeBinary() {
  if (Number(process.versions.node.split('.')[0]) >= wantedNode) return process.execPath
  const bundled = join(
    root,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )
  if (!existsSync(bundled)) {
    giveUp(
      `This machine has Node ${process.versions.node}; Faultline runs on Node ${wantedNode}. The npm package "node" brings one,\n` +
        'but its install script did not run. Run: npm rebuild node, or install Node 24.',
    )
  }
  return bundled
}

/** Runs a program in the foreground, hands it our signals, and ends as it ends. */
export function runToEnd(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => giveUp(`${command} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}
