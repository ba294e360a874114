import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { configFiles } from '../src/config/reference.ts'
import { writeDashboards } from '../src/dashboards/generate.ts'
import { measurementsReference } from '../src/model/measurements-reference.ts'

const root = resolve(import.meta.dirname, '..')

writeDashboards(resolve(root, 'dashboards'))
for (const { path, content } of configFiles()) writeFileSync(resolve(root, path), content)
writeFileSync(resolve(root, 'docs/measurements.md'), measurementsReference())
