import { describe, expect, it } from 'vitest'
import type { ImpactState } from '../../src/model/impact.ts'
import type { Incident } from '../../src/model/incident.ts'
import { benchIncident, benchNow, startApi } from '../support/api-bench.ts'

describe('the weight of incidents', () => {
  it('is told with what they do, now and at any time', async () => {
    await using bench = await startApi()
    const detail = await bench.see('/api/v1/incidents/inc-1', 'IncidentDetail')
    expect(detail.impactNow.weight).toBeGreaterThan(0)
    expect(detail.impactEver.weight).toBeGreaterThanOrEqual(detail.impactNow.weight)
    for (const row of detail.impact) expect(row.weight).toBeGreaterThan(0)
  })

  it('sorts those that are open, and of those that weigh the same the latest first', async () => {
    const one = (id: string, weight: number, minutes: number, state: ImpactState = 'down'): Incident => ({
      ...benchIncident,
      id,
      onsetAt: benchNow - minutes * 60_000,
      impact: [{ service: 's-2', customer: 'c-2', state, weight }],
    })
    const open = [
      one('inc-a', 5, 9),
      one('inc-b', 120, 8),
      one('inc-c', 200, 7, 'atRisk'),
      one('inc-d', 5, 6),
    ]
    await using bench = await startApi((deps) => ({
      incidents: { ...deps.incidents, open: async () => open },
    }))
    const { items, nextCursor } = await bench.see('/api/v1/incidents?sort=weight&limit=3', 'IncidentPage')
    expect(items.map(({ id, impactNow }) => [id, impactNow.weight])).toEqual([
      ['inc-b', 120],
      ['inc-c', 20],
      ['inc-d', 5],
    ])
    expect(nextCursor).toBeUndefined()
  })

  it.for(['state=closed', 'cursor=abc'])('does not sort by it with %s', async (more) => {
    await using bench = await startApi()
    expect((await bench.ask(`/api/v1/incidents?sort=weight&${more}`)).status).toBe(400)
  })
})
