import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { ColumnValue, ColumnWalk } from '../../src/collect/profile-reader.ts'
import { createProfileReading } from '../../src/collect/snmp/read-profile.ts'
import { createSnmpProbe } from '../../src/collect/snmp/snmp-probe.ts'
import type { Reading } from '../../src/model/reading.ts'
import type { SnmpAccess } from '../../src/model/target.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createSampler } from '../../src/sample/sampler.ts'
import { has } from '../support/requires.ts'
import { shippedProfiles, valuesOf } from '../support/shipped-profiles.ts'
import { startSnmpd } from '../support/snmpd.ts'

const run = promisify(execFile)

/** Columns by the walker of Net-SNMP, one after the other. */
const walkOf =
  (port: number): ColumnWalk =>
  async (columns) => {
    const found: ColumnValue[] = []
    for (const column of columns) {
      const options = ['-v2c', '-c', 'test', '-On', '-Oe', '-Ot', '-OQ', '-OU', `127.0.0.1:${port}`, column]
      const { stdout } = await run('snmpbulkwalk', options, { env: { PATH: process.env.PATH, MIBS: '' } })
      for (const line of stdout.split('\n')) {
        const [, oid, text] = /^\.(1[\d.]+) = (.*)$/.exec(line) ?? []
        if (oid === undefined || text === undefined || text.startsWith('No Such')) continue
        const plain = text.replace(/^"(.*)"$/, '$1').replace(/^\.(?=1\.)/, '')
        found.push({ oid, value: /^-?\d+$/.test(plain) ? Number(plain) : plain })
      }
    }
    return found
  }

/** A switch of another vendor, as far as snmpd can be one. */
const switchColumns = [
  ...[
    ['1.52.0', 'integer', '12'],
    ['1.53.0', 'integer', '61'],
    ['13.3.1.4.1.1.1', 'octet_str', '"CPU temperature"'],
    ['13.3.1.5.1.1.1', 'integer', '97'],
  ].map(([column, type, value]) => `override .1.3.6.1.4.1.1991.1.1.2.${column} ${type} ${value}`),
  'sysObjectID 1.3.6.1.4.1.1991.1.3.57',
  'createUser reader SHA "a long secret"',
  'rouser reader auth',
]

describe.skipIf(!has('snmpd', 'snmpwalk'))('the profiles of a real snmpd', () => {
  it('give the load and the memory of this host', async () => {
    await using agent = await startSnmpd({ name: 'profiles-host' })
    const recording = { objectId: '1.3.6.1.4.1.8072.3.2.10', walk: walkOf(agent.port) }
    const values = await valuesOf(await shippedProfiles(), recording)
    expect(values.profiles).toEqual(['net-snmp', 'entity-sensor', 'host-resources'])
    expect(values.memoryRatio).toBeGreaterThan(0)
    expect(values.memoryRatio).toBeLessThan(1)
  })

  it.for([
    ['v1', { version: '1', community: 'test' }],
    ['v2c', { version: '2c', community: 'test' }],
    ['v3', { version: '3', user: 'reader', auth: { protocol: 'sha', password: 'a long secret' } }],
  ] as const)(
    'give, polled by SNMP%s, what another vendor’s columns hold, every time',
    async ([, access]) => {
      const profiles = await shippedProfiles()
      await using agent = await startSnmpd({ name: 'profiles-switch', config: switchColumns })
      const probe = await createSnmpProbe(
        { timeoutMs: 1_000, retries: 1 },
        {
          clock: systemClock,
          log: pino({ enabled: false }),
          metrics: createMetrics(),
          readProfile: createProfileReading({ profiles, clock: systemClock }),
        },
      )
      const sampler = createSampler({ vantage: 'nms', profiles })
      const snmp: SnmpAccess = { ...access, port: agent.port, acceptFrom: [] }
      const target = { element: 'a', address: agent.address, icmp: false, snmp, speedOverrides: {} }
      const requests: number[] = []
      try {
        for (let i = 0; i < 2; i++) {
          const readings: Reading[] = []
          await probe.measure([target], (reading) => readings.push(reading), AbortSignal.timeout(20_000))
          const [reading] = readings
          if (reading?.probe !== 'snmp') throw new Error('not one SNMP reading')
          expect(reading.problem).toBeUndefined()
          expect(reading.agent?.profile?.profiles[0]).toBe('brocade-ironware')
          requests.push(reading.agent?.requests ?? 0)
          const samples = sampler.accept(reading, target)
          expect(samples.find(({ measurement }) => measurement === 'element')?.fields).toMatchObject({
            cpu_ratio: 0.12,
            memory_ratio: 0.61,
            temperature_c: 48.5,
          })
          expect(samples.filter(({ measurement }) => measurement === 'sensor')).toMatchObject([
            { tags: { element: 'a', sensor: 'CPU temperature', unit: '°C' }, fields: { value: 48.5 } },
          ])
        }
      } finally {
        await probe.close()
      }
      // What the agent lacks, and names, were asked for the first time only.
      expect(requests[1]).toBeLessThan(requests[0] ?? 0)
    },
  )
})
