import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { alarmTypes } from '../../src/model/alarm.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/rules.md'), 'utf8')
const examples = [...guide.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text)

describe('the guide to rules', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(5)
  })

  it.for(examples.map((text) => [/- id: (\S+)/.exec(text)?.[1] ?? '', text] as const))(
    'has an example that loads: %s',
    async ([, text]) => {
      const { elements = [{ id: 'core1', address: '192.0.2.1' }], ...detection } = parse(text)
      const loaded = await loadConfigText(JSON.stringify({ elements, detection }), 'guide.yaml', {})
      expect(formatProblems(loaded.ok ? loaded.warnings : loaded.problems)).toBe('')
    },
  )
})

describe('the shipped rules', () => {
  const { rules } = parse(readFileSync(join(root, 'config/rules.yaml'), 'utf8'))

  it('raise every type of alarm, but for those whose limits only the operator knows: the guide has examples', () => {
    const raised = new Set(rules.map(({ type }: { type: string }) => type))
    const left = alarmTypes.filter((type) => !raised.has(type))
    expect(left).toEqual(['low-optical-power', 'high-optical-power', 'sensor-low', 'sensor-high'])
    expect(left.filter((type) => !guide.includes(`type: ${type}\n`))).toEqual([])
  })
})
