import { expect, it } from 'vitest'
import { nearestWord } from '../../../src/platform/nearest-word.ts'

const words = ['check', 'run', 'restore', 'report', 'interval', 'schema']

it.for([
  ['chek', 'check'],
  ['CHECK', 'check'],
  ['hceck', 'check'],
  ['intervall', 'interval'],
  ['intevrals', 'interval'],
  ['repotr', 'report'],
  ['runn', 'run'],
  // A word of two letters is near to everything, and so to nothing.
  ['rn', undefined],
  ['discover', undefined],
  ['', undefined],
] as const)('of a few words %s means %s', ([word, meant]) => {
  expect(nearestWord(word, words)).toBe(meant)
})
