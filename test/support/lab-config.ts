import { join } from 'node:path'
import { addressOf, type LabNode, labSecrets } from './lab.ts'

const v2c = { version: '2c', community: labSecrets.community }
const v3 = {
  version: '3',
  user: labSecrets.user,
  auth: { protocol: 'sha256', password: labSecrets.auth },
  priv: { protocol: 'aes', password: labSecrets.priv },
}

const element = (id: LabNode, role: string, uplinks: readonly string[], extra: object = {}) => ({
  id,
  address: addressOf(id),
  role,
  uplinks,
  snmp: v2c,
  ...extra,
})

const customer = (id: string, name: string, language: 'zh' | 'en') => ({
  id,
  name,
  language,
  tier: 'consumer',
  contacts: [{ channel: 'mailbox', address: `${id}@example.net` }],
})

const service = (id: string, who: string, on: LabNode, target: LabNode) => ({
  id,
  customer: who,
  element: on,
  interface: `to-${target}`,
  target,
  class: 'broadband',
  area: 'urban',
  down: '100Mbps',
})

/** The laboratory as an operator would write it down: v2c and v3 agents, a ring, a service at each customer's end. */
export const labConfig = (folder: string): object => ({
  server: { listen: '127.0.0.1:8080', publicUrl: 'http://127.0.0.1:8080' },
  state: { kind: 'sqlite', path: join(folder, 'state.db') },
  samples: { kind: 'influxdb', url: 'http://127.0.0.1:8086', database: 'faultline' },
  poll: {
    icmp: { interval: '1s', count: 5, timeout: '500ms' },
    // snmpd reads the kernel's counters anew every 3 s: a shorter interval would see steps.
    snmp: { interval: '6s', timeout: '1s', retries: 1 },
  },
  vantage: 'nms',
  gateways: ['core1'],
  elements: [
    element('core1', 'core', ['nms']),
    // The link that closes the ring, agg1 to agg2, is left to LLDP.
    element('agg1', 'aggregation', ['core1'], { snmp: v3 }),
    element('agg2', 'aggregation', ['core1']),
    element('acc1', 'access', ['agg1'], {
      name: 'Access <b>one</b>',
      interfaces: { 'to-cpe11': { speed: '2Mbps' } },
    }),
    element('acc2', 'access', ['agg1']),
    element('acc3', 'access', ['agg2']),
    element('cpe11', 'cpe', ['acc1']),
    element('cpe12', 'cpe', ['acc1']),
    element('cpe21', 'cpe', ['acc2']),
    element('cpe31', 'cpe', ['acc3']),
  ],
  customers: [
    customer('c-wang', '王小明', 'zh'),
    customer('c-markup', 'Ada <script>alert(1)</script> Byrne', 'en'),
    customer('c-li', '李娜', 'zh'),
    customer('c-olsen', 'Kari Olsen', 'en'),
  ],
  services: [
    service('s-11', 'c-wang', 'acc1', 'cpe11'),
    service('s-12', 'c-markup', 'acc1', 'cpe12'),
    service('s-21', 'c-li', 'acc2', 'cpe21'),
    service('s-31', 'c-olsen', 'acc3', 'cpe31'),
  ],
  // All goes twenty times as quickly here as in a network: what comes and goes in minutes is not flapping.
  detection: { flapping: { halfLife: '10s' } },
  incident: { verify: '3s' },
  notify: { channels: { mailbox: { kind: 'mailbox', path: join(folder, 'mailbox') } }, hold: '3s' },
})
