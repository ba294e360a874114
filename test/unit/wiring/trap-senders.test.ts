import { describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { inventoryFrom } from '../../../src/inventory/inventory-from-config.ts'
import { trapSenders } from '../../../src/wiring/trap-senders.ts'

const text = `
elements:
  - { id: a, address: 192.0.2.1, snmp: { version: 2c, community: x, acceptFrom: [198.51.100.1, 192.0.2.1] } }
  - { id: b, address: '2001:db8::2' }
  - { id: c, address: 192.0.2.3, snmp: { version: 2c, community: x, acceptFrom: [198.51.100.9] } }
  - { id: d, address: 192.0.2.4, icmp: false, snmp: { version: 2c, community: x, acceptFrom: [198.51.100.9] } }
  - { id: e }
`

describe('the sender of a trap', () => {
  it('is found by each address of an element, however it is spelled, and not by one that two have', async () => {
    const loaded = await loadConfigText(text, '/etc/faultline.yaml', {})
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const elementAt = trapSenders(inventoryFrom(loaded.config))
    expect(elementAt('192.0.2.1')).toBe('a')
    expect(elementAt('198.51.100.1')).toBe('a')
    expect(elementAt('::ffff:192.0.2.1')).toBe('a')
    expect(elementAt('2001:DB8:0::2')).toBe('b')
    expect(elementAt('192.0.2.4')).toBe('d')
    expect(elementAt('198.51.100.9')).toBeUndefined()
    expect(elementAt('192.0.2.99')).toBeUndefined()
  })
})
