import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceText } from '../../../src/collect/snmp/device-text.ts'
import { interfaceNames } from '../../../src/collect/snmp/interface-names.ts'
import { RowGuards } from '../../../src/collect/snmp/row-guards.ts'
import { interfaceList } from '../../../src/model/interface-list.ts'

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

  it('is the same whether it is printable ASCII, read at one stroke, or not', () => {
    const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 300 })
    fc.assert(
      fc.property(printable, (told) => {
        expect(deviceText(Buffer.from(told))).toBe(
          told.slice(0, 255 + told.length - told.trimStart().length).trim(),
        )
      }),
    )
  })
})

describe('the name that a row is known again by', () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('ge1', 'ge1 ', ' ge1', 'ge1#1', 'Gé1', '到核心', ''),
  )
  const columns = fc.constantFrom('name' as const, 'descr' as const)

  it('holds exactly while the agent tells what reads the same', () => {
    fc.assert(
      fc.property(columns, texts, texts, texts, (column, told, listed, now) => {
        const known = deviceText(Buffer.from(told))
        const status = { adminStatus: 'up', operStatus: 'up', speedBps: 0, alias: '' } as const
        const ports = interfaceList('box', 0, [
          { ...status, index: 1, name: 'first', description: 'of two' },
          { ...status, index: 2, name: listed, description: listed },
        ])
        const guards = new RowGuards(column, ports, (row) => (row === 1 ? known : ''))
        const bytes = Buffer.from(`<${now}>`)
        expect(guards.text(1)).toBe(known)
        expect(guards.holds(1, bytes, 1, bytes.length - 1)).toBe(deviceText(Buffer.from(now)) === known)
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

  it('carry the ifDescr instead where that tells them apart', () => {
    const one = names(port(1, 'eth', 'slot 1'), port(2, 'eth', 'slot 2'), port(3, 'other', 'slot 1'))
    expect(one).toEqual(['eth#slot 1', 'eth#slot 2', 'other'])
    expect(names(port(8, 'eth', 'slot 2'), port(9, 'eth', 'slot 1'))).toEqual(['eth#slot 2', 'eth#slot 1'])
    expect(names(port(1, 'eth', 'slot'), port(2, 'eth', 'slot'))).toEqual(['eth#1', 'eth#2'])
    expect(names(port(1, 'eth', 'slot'), port(2, 'eth', ''))).toEqual(['eth#1', 'eth#2'])
    expect(names(port(1, 'eth', 'a'), port(2, 'eth', 'b'), port(3, 'eth#a'))).toEqual([
      'eth#a#1',
      'eth#b',
      'eth#a',
    ])
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
