import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readScenario } from './parse-scenario.ts'
import { runScenario } from './run-scenario.ts'

/** Only a machine that has much else to do needs so long. */
const limit = { timeout: 60_000 }

export const scenarioFolder = resolve(import.meta.dirname, '../../scenarios')

/**
 * A test for each scenario in a folder of `test/scenarios`: what it expects holds, and every change is as its golden
 * file has it. `UPDATE_GOLDEN=1` writes the golden files anew; whoever does that reads the difference.
 */
export function describeScenarios(folder: string): void {
  const path = join(scenarioFolder, folder)
  const files = globSync('*.scenario', { cwd: path }).toSorted()
  describe(folder, () => {
    it.for(files)('%s', limit, async (name) => {
      const scenario = readScenario(join(path, name))
      const { timeline, problems } = await runScenario(scenario)
      const golden = join(path, `${basename(name, '.scenario')}.golden`)
      if (scenario.open !== undefined) {
        // Known and not done. Once it is, the line goes.
        expect(problems).not.toEqual([])
        return
      }
      const text = `# ${scenario.title}\n${timeline}`
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text)
      const before = existsSync(golden) ? readFileSync(golden, 'utf8') : 'none: UPDATE_GOLDEN=1 writes it'
      expect(problems).toEqual([])
      expect(text).toBe(before)
    })

    it('has no golden file without a scenario', () => {
      const goldens = globSync('*.golden', { cwd: path }).map((name) => basename(name, '.golden'))
      const names = files.map((name) => basename(name, '.scenario'))
      expect(goldens.filter((name) => !names.includes(name))).toEqual([])
    })
  })
}
