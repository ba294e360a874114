import { describe, expect, it } from 'vitest'
import { serviceStatus } from '../../../src/api/service-status.ts'
import type { Evidence } from '../../../src/model/fault-report.ts'
import { incidentAt, smallInventory } from '../../support/small-network.ts'

const now = Date.parse('2026-03-01T08:00:00Z')
const good: Evidence = { state: 'measured', coverage: 1, good: true, from: 0, to: now, findings: [] }

function status(
  open: Parameters<typeof serviceStatus>[0]['open'],
  evidence = good,
  workUntil: ReadonlyMap<string, number> = new Map(),
) {
  const service = smallInventory.services.get('s-1')
  if (!service) throw new Error('no such service')
  return serviceStatus({
    service,
    inventory: smallInventory,
    open,
    evidence,
    messages: [],
    timeZone: 'Asia/Shanghai',
    workUntil,
  })
}

describe('the status of a service', () => {
  it('is ok only when it was measured', () => {
    expect(status([]).state).toBe('ok')
    expect(status([], { ...good, coverage: 0.5 }).state).toBe('unknown')
    expect(status([], { ...good, good: false }).state).toBe('unknown')
  })

  it('is the worst that an open incident does to it now', () => {
    const risk = incidentAt(now, { 's-1': 'atRisk' }, { id: 'inc-risk' })
    const outage = incidentAt(now, { 's-1': 'down' })
    const over = incidentAt(now, { 's-1': 'down' }, { impact: [] })
    expect(status([risk, outage])).toMatchObject({
      state: 'down',
      incidents: [{ id: 'inc-1' }, { id: 'inc-risk' }],
    })
    expect(status([risk]).state).toBe('atRisk')
    expect(status([over]).state).toBe('ok')
  })

  it('says it in plain words, with times of the operator’s zone and no names of boxes', () => {
    const { say } = status([incidentAt(now, { 's-1': 'down' }, { etaAt: now + 3_600_000 })])
    expect(say).toEqual({
      en: 'There is an outage that affects your service since 1 Mar, 16:00. We expect it to be repaired by 1 Mar, 17:00.',
      zh: '自3月1日 16:00起，网络故障导致您的业务中断。预计3月1日 17:00前恢复。',
    })
    const degraded = status([incidentAt(now, { 's-1': 'degraded' })]).say
    expect(degraded.en).toContain('slows your service')
    expect(degraded.zh).toContain('暂时无法给出恢复时间')
    expect(JSON.stringify([say, degraded])).not.toMatch(/acc1/i)
  })

  it('says of planned work that it is planned, until when, and of an outage beside it that it is one', () => {
    const down = incidentAt(now, { 's-1': 'down' }, { id: 'inc-2' })
    const work = { ...down, id: 'inc-1', impact: down.impact.map((entry) => ({ ...entry, planned: 'mw-1' })) }
    const ends = new Map([['mw-1', now + 3_600_000]])
    expect(status([work], good, ends)).toMatchObject({
      state: 'down',
      incidents: [{ planned: 'mw-1' }],
      say: {
        en: 'Planned work is being done on the network that serves you, until 1 Mar, 17:00. Your service is affected meanwhile.',
        zh: '为您服务的网络正在进行计划维护，预计3月1日 17:00结束，期间您的业务会受到影响。',
      },
    })
    expect(status([work]).say.en).toContain('the network that serves you. Your')
    const both = status([work, down], good, ends)
    expect(both.say.en).toContain('There is an outage')
    expect(both.incidents.map(({ id }) => id)).toEqual(['inc-2', 'inc-1'])
  })
})
