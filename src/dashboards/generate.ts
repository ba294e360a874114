import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { elementPage } from './element-page.ts'
import { interfacePage } from './interface-page.ts'
import { nocOverview } from './noc-overview.ts'
import { peakHourPage } from './peak-hour-page.ts'

/** File name → dashboard, as plain JSON data. */
export function dashboards(): Readonly<Record<string, object>> {
  const pages = {
    'noc-overview.json': nocOverview(),
    'element.json': elementPage(),
    'interface.json': interfacePage(),
    'peak-hour.json': peakHourPage(),
  }
  return JSON.parse(JSON.stringify(pages))
}

/** The text of each file, as it is committed. */
export const dashboardFiles = (): ReadonlyMap<string, string> =>
  new Map(Object.entries(dashboards()).map(([name, page]) => [name, `${JSON.stringify(page, null, 2)}\n`]))

/** Writes `dashboards/*.json`; `npm run generate` calls it. */
export function writeDashboards(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of dashboardFiles()) writeFileSync(join(folder, name), text)
}
