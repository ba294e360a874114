import { describe, expect, it } from 'vitest'
import { demoSettings } from '../../../src/demo/demo-config.ts'
import { demoCustomers } from '../../../src/demo/demo-customers.ts'
import { demoPlan, portTo } from '../../../src/demo/demo-plan.ts'

const place = { address: '127.0.0.1', snmpPort: 1, stampPort: 2 }
const settings = demoSettings({ places: new Map(demoPlan.elements.map(({ id }) => [id, place])) })

describe('the demo configuration', () => {
  it('hangs every line on a port that its element has', () => {
    const ports = new Set(
      demoPlan.elements
        .flatMap(({ id, ports }) => ports.map(({ name }) => `${id} ${name}`))
        .concat(demoPlan.links.flatMap(({ a, b }) => [`${a} ${portTo(b)}`, `${b} ${portTo(a)}`])),
    )
    for (const service of settings.services)
      expect(ports).toContain(`${service.element} ${service.interface}`)
  })

  it('has forty customers of both languages, some with two lines, each with one mailbox of its own', () => {
    expect(demoCustomers).toHaveLength(40)
    expect(new Set(demoCustomers.map(({ mailbox }) => mailbox)).size).toBe(40)
    expect(new Set(demoCustomers.map(({ language }) => language))).toEqual(new Set(['zh', 'en']))
    expect(demoCustomers.filter(({ lines }) => lines.length > 1).length).toBeGreaterThan(4)
    expect(demoCustomers.filter(({ flags }) => flags.length > 0).length).toBeGreaterThan(4)
    expect(new Set(settings.services.map(({ id }) => id)).size).toBe(settings.services.length)
  })

  it('names uplinks that the plan has links for', () => {
    const joined = new Set(demoPlan.links.flatMap(({ a, b }) => [`${a} ${b}`, `${b} ${a}`]))
    for (const { id, uplinks } of settings.elements)
      for (const uplink of uplinks) expect(joined).toContain(`${id} ${uplink}`)
  })

  it('will not be made when an element has no place', () => {
    expect(() => demoSettings({ places: new Map() })).toThrow(/core1/)
  })
})
