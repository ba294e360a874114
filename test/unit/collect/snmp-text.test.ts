import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceText, sameOrNewText } from '../../../src/collect/snmp/device-text.ts'
import { interfaceNames } from '../../../src/collect/snmp/interface-names.ts'

describe('text from a device', () => {
  it('never holds a control or format character, nor more than 255 characters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
        const text = deviceText(bytes)
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(text.length).toBeLessThanOrEqual(255)
      }),
    )
  })

  it('keeps what can be read', () => {
    expect(deviceText(Buffer.from('到核心 / to core (10G)'))).toBe('到核心 / to core (10G)')
  })

  it('does not cut a character in two', () => {
    const cut = deviceText(Buffer.from(`${'a'.repeat(254)}😀`))
    expect(cut).toBe('a'.repeat(254))
  })

  it('is what was known exactly when the bytes say the same', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('ge1', 'ge1 ', ' ge1', 'Gé1', '到核心'),
    )
    fc.assert(
      fc.property(texts, texts, (told, known) => {
        const bytes = Buffer.from(`<${told}>`)
        const clean = deviceText(Buffer.from(known))
        expect(sameOrNewText(bytes, 1, bytes.length - 1, clean)).toBe(deviceText(Buffer.from(told)))
      }),
    )
  })
})

describe('names of interfaces', () => {
  const names = (...all: Parameters<typeof interfaceNames>[0]) => [...interfaceNames(all).values()]
  const port = (index: number, name = '', description = '', alias = '') => ({
    index,
    name,
    description,
    alias,
  })

  it('are ifName, else ifDescr, else ifAlias, else the ifIndex', () => {
    expect(names(port(1, 'n', 'd', 'a'), port(2, '', 'd', 'a'), port(3, '', '', 'a'), port(4))).toEqual([
      'n',
      'd',
      'a',
      '4',
    ])
  })

  it('carry the ifIndex where several would be the same', () => {
    expect(names(port(1, 'eth'), port(2, 'eth'), port(3, 'eth#1'))).toEqual(['eth#1#1', 'eth#2', 'eth#1'])
  })

  it('are unique, whatever the agent says', () => {
    const word = fc.constantFrom('', 'a', 'a#1', 'a#2', 'a#1#1', '1', '2', '1#1')
    const ports = fc.uniqueArray(
      fc.record({ index: fc.integer({ min: 1, max: 6 }), name: word, description: word, alias: word }),
      { selector: ({ index }) => index },
    )
    fc.assert(
      fc.property(ports, (all) => {
        const given = names(...all)
        expect(new Set(given).size).toBe(all.length)
      }),
    )
  })
})
