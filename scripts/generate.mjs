// `npm run generate`: writes what is made from code (dashboards, configuration schema and reference, docs/measurements.md). A guard test
// fails when they are stale.
import { join } from 'node:path'
import { ensureNpmPackages, nodeBinary, root, runToEnd } from './setup.mjs'

ensureNpmPackages()
runToEnd(nodeBinary(), ['--disable-warning=ExperimentalWarning', join(root, 'scripts', 'generate.ts')])
