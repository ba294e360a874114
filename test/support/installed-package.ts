import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { type ImageStage, readDockerfile } from './dockerfile.ts'
import { asNobody, othersMayRead } from './nobody.ts'

const repository = resolve(import.meta.dirname, '../..')

export interface InstalledPackage {
  /** What the image has in its working directory. */
  readonly folder: string
  /** May be written to by whoever runs the program. */
  readonly data: string
  /** Node, where anybody may run it. */
  readonly node: string
  readonly image: ImageStage
  /** To run a program as the image does: somewhere else than here, not as root, with nothing in the environment. */
  readonly options: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    readonly uid?: number
    readonly gid?: number
  }
  remove(): void
}

/**
 * Does what the Dockerfile does, without a container engine: compiles what it copies, installs without dev
 * dependencies, and lays out the folder that the image runs in.
 *
 * @throws Error when compiling fails, or npm cannot install: it needs the registry.
 */
export function installPackage(): InstalledPackage {
  const [build, image] = readDockerfile(repository)
  if (!build || !image) throw new Error('the Dockerfile has no two stages')
  const top = mkdtempSync(join(tmpdir(), 'faultline-package-'))
  chmodSync(top, 0o755)
  const building = join(top, 'build')
  const folder = join(top, 'image')
  const data = join(top, 'data')
  for (const made of [building, folder, data]) mkdirSync(made)

  copyInto(building, build)
  symlinkSync(join(repository, 'node_modules'), join(building, 'node_modules'))
  run(process.execPath, ['scripts/build.mjs'], building, 'compiling')
  rmSync(join(building, 'node_modules'))
  const install = build.runs.findLast((command) => command.startsWith('npm ci')) ?? ''
  const [npm = 'npm', ...args] = install.split(/\s+/)
  run(
    npm,
    args,
    building,
    'npm could not install the package without dev dependencies (it needs the registry)',
  )
  copyInto(folder, image, (path) => join(building, path.replace('/build/', '')))

  const unprivileged = asNobody(join(folder, 'package.json'))
  if (unprivileged.uid !== undefined) chownSync(data, unprivileged.uid, unprivileged.uid)
  let node = process.execPath
  if (!othersMayRead(node)) {
    node = join(top, basename(node))
    copyFileSync(process.execPath, node)
    chmodSync(node, 0o755)
  }
  const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', NODE_ENV: 'production' }
  return {
    folder,
    data,
    node,
    image,
    options: { cwd: folder, env, ...unprivileged },
    remove: () => rmSync(top, { recursive: true, force: true }),
  }
}

function copyInto(folder: string, { copies }: ImageStage, built?: (path: string) => string): void {
  for (const { from, to, stage } of copies)
    for (const path of from) {
      const source = stage === undefined || !built ? join(repository, path) : built(path)
      // As COPY does: a folder's content goes into the target, a file into a target that ends with a slash or dot.
      const target = /(^|\/)\.?$/.test(to) ? join(folder, to, basename(path)) : join(folder, to)
      cpSync(source, target, { recursive: true, verbatimSymlinks: true })
    }
}

function run(command: string, args: readonly string[], cwd: string, what: string): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 180_000,
  })
  if (status !== 0) throw new Error(`${what}: ${error?.message ?? ''}\n${stdout}${stderr}`)
}
