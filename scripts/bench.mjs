// `npm run bench [-- NAME...] [-- options]`: measurements of this machine, bench/NAME.ts each; all of them without a name.
// As root on Linux each runs in a network namespace of its own: its traffic meets no other, and its counts are its own.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { daemonEnv, daemonFlags, heapGrowth } from './memory.mjs'
import { ensureNpmPackages, giveUp, nodeBinary, root } from './setup.mjs'

const all = ['collect', 'icmp', 'stamp', 'encode', 'store', 'rollups', 'outage', 'detect', 'daemon']
const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('--'))
const names = args.filter((arg) => !arg.startsWith('--'))
const unknown = names.filter((name) => !all.includes(name))
if (unknown.length > 0) giveUp(`No such benchmark: ${unknown.join(', ')}. There are: ${all.join(', ')}.`)

ensureNpmPackages()
const node = nodeBinary()
const sbin = '/usr/local/sbin:/usr/sbin:/sbin'
const env = {
  ...daemonEnv,
  ...process.env,
  PATH: `${dirname(node)}:${process.env.PATH ?? ''}:${sbin}`,
}
const isolated =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-n', 'true'], { env }).status === 0
if (!isolated) console.log('*** Not root on Linux: no network namespace of its own, and no packet capture.')

const failed = (names.length === 0 ? all : names).filter((name) => {
  const file = join(root, 'bench', `${name}.ts`)
  if (!existsSync(file)) return true
  // As the daemon is started; memory is measured after the garbage is gone.
  const flags = ['--disable-warning=ExperimentalWarning', ...daemonFlags, heapGrowth, '--expose-gc']
  const command = [node, ...flags, file, ...options]
  // Ping sockets are allowed there, as in containers.
  const prepare =
    'ip link set lo up && echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range && exec "$@"'
  const inNamespace = ['unshare', '-n', 'sh', '-c', prepare, 'sh', ...command]
  const [program, ...rest] = isolated ? inNamespace : command
  return spawnSync(program, rest, { cwd: root, stdio: 'inherit', env }).status !== 0
})
if (failed.length > 0) giveUp(`Failed: ${failed.join(', ')}`)
