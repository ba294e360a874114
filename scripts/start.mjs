// `npm start`: npm packages, the right Node, then the daemon. Without arguments it runs the demo network.
import { join } from 'node:path'
import { ensureNpmPackages, nodeBinary, root, runToEnd } from './setup.mjs'

ensureNpmPackages()
runToEnd(nodeBinary(), [
  '--disable-warning=ExperimentalWarning',
  join(root, 'src', 'main.ts'),
  ...process.argv.slice(2),
])
