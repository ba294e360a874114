// `npm start`: npm packages, the right Node, then the daemon. Without arguments it runs the demo network.
import { join } from 'node:path'
import { daemonEnv, daemonFlags, heapGrowth } from './memory.mjs'
import { ensureNpmPackages, nodeBinary, root, runToEnd } from './setup.mjs'

ensureNpmPackages()
const args = [
  '--disable-warning=ExperimentalWarning',
  ...daemonFlags,
  heapGrowth,
  join(root, 'src', 'main.ts'),
  ...process.argv.slice(2),
]
runToEnd(nodeBinary(), args, { ...daemonEnv, ...process.env })
