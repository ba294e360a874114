import { describe, expect, it } from 'vitest'
import { renderPoll } from '../../../src/commands/render-poll.ts'
import type { Interface } from '../../../src/model/interface.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { Reading } from '../../../src/model/reading.ts'
import type { Sample } from '../../../src/model/sample.ts'

const at = Date.parse('2026-03-01T08:00:00Z')

const port = (name: string, extra: Partial<Interface> = {}): Interface => ({
  element: 'agg1',
  name,
  index: 1,
  description: name,
  alias: '',
  adminStatus: 'up',
  operStatus: 'up',
  speedBps: 10_000_000_000,
  seenAt: at,
  ...extra,
})

const snmp: Reading = {
  element: 'agg1',
  probe: 'snmp',
  at,
  outcome: 'answered',
  durationMs: 12.3456,
  agent: {
    system: {
      description: 'A box',
      objectId: '1.3.6.1.4.1.9.1.516',
      name: 'agg1',
      location: 'cellar',
      upTimeTicks: 360_050,
    },
    requests: 4,
    interfaces: tableOf([
      { port: port('xe-0/0/0', { alias: '到核心' }), counters: { width: 64, inOctets: 2n ** 63n } },
      {
        port: port('xe-0/0/10', { alias: 'to \u001b[31mred', operStatus: 'down' }),
        counters: { width: 64 },
      },
    ]),
    neighbours: [{ localPort: 'xe-0/0/0', remoteSystem: 'core1', remotePort: 'et-1' }],
  },
}

const samples: readonly Sample[] = [
  {
    measurement: 'interface',
    tags: { element: 'agg1', interface: 'xe-0/0/0' },
    fields: { in_bps: 1_250_000, out_bps: 0, speed_bps: 10_000_000_000, oper_up: 1 },
    at,
  },
]

const icmp: Reading = {
  element: 'agg1',
  probe: 'icmp',
  at,
  outcome: 'answered',
  durationMs: 2,
  burst: { sent: 2, rttsMs: [1, null] },
}

describe('one poll, as text', () => {
  it('shows the agent, its interfaces in columns, and its neighbours', () => {
    expect(renderPoll([snmp], samples)).toBe(`\
snmp  answered  12.346 ms
  name         agg1
  description  A box
  object id    1.3.6.1.4.1.9.1.516
  location     cellar
  up for       3600 s
  requests     4
  profiles     none

interface  admin  oper  speed      in           out      description
xe-0/0/0   up     up    10 Gbit/s  1.25 Mbit/s  0 bit/s  到核心
xe-0/0/10  up     down  -          -            -        to  [31mred

port      neighbour  its port
xe-0/0/0  core1      et-1
`)
  })

  it('shows the numbers of a burst', () => {
    const sample: Sample = {
      measurement: 'icmp',
      tags: { element: 'agg1', vantage: 'nms' },
      fields: { sent: 2, received: 1, loss_ratio: 0.5, rtt_avg_ms: 1.23456 },
      at,
    }
    expect(renderPoll([icmp], [sample])).toBe(
      'icmp  answered  2 ms\n  sent 2  received 1  loss 50 %  rtt avg 1.235 ms\n',
    )
  })

  it('shows why there was no answer', () => {
    const silent: Reading = {
      element: 'agg1',
      probe: 'snmp',
      at,
      outcome: 'timeout',
      durationMs: 600,
      problem: 'no answer within 600 ms',
    }
    expect(renderPoll([silent, icmp], [])).toBe(
      'snmp  timeout  600 ms\n  no answer within 600 ms\n\nicmp  answered  2 ms\n',
    )
  })

  it('says so when there was nothing to ask', () => {
    expect(renderPoll([], [])).toBe('nothing was polled\n')
  })
})
