import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { formatProblems } from '../../../src/config/problem.ts'
import type { Service } from '../../../src/model/service.ts'
import { createServicePolicies } from '../../../src/wiring/service-policies.ts'

const shipped = resolve(import.meta.dirname, '../../../config/policies')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-policies-'))
  await mkdir(join(folder, 'mine'))
})
afterEach(() => rm(folder, { recursive: true }))

const network = `
elements: [{ id: acc1, address: 192.0.2.1 }]
customers:
  - { id: c-1, name: A, contacts: [{ channel: post, address: a@example.net }] }
  - { id: c-2, name: B, tier: vip, contacts: [{ channel: post, address: b@example.net }] }
services:
  - { id: s-1, customer: c-1, element: acc1 }
  - { id: s-2, customer: c-2, element: acc1, class: voice }
notify: { channels: { post: { kind: mailbox, path: post, from: noc@example.net } } }
`
const load = (settings = '') =>
  loadConfigText(`${settings}${network}`, join(folder, 'faultline.yaml'), { LATENCY: '70ms' })

async function loaded(settings?: string) {
  const found = await load(settings)
  if (!found.ok) throw new Error(formatProblems(found.problems))
  return found
}

/** The rule that a service is judged by. */
async function policies(settings?: string) {
  const { config } = await loaded(settings)
  const tiers = new Map(config.customers.map(({ id, ...one }) => [id, { id, ...one }]))
  const policyOf = createServicePolicies(config, () => ({ customers: tiers }))
  return Object.fromEntries(
    config.services.map((service) => [
      service.id,
      policyOf({ ...service, endpoint: service.element } satisfies Service),
    ]),
  )
}

const ours = `
apiVersion: slpolicy/v1
pack: { id: ours, version: 12 }
calendars: { office: { days: [mon, tue], hours: [["09:00", "18:00"]] } }
peakGood:
  - { id: vip, match: { tier: [vip], class: [voice] }, below: { latency: '\${LATENCY}', loss: 0.002 }, window: { calendar: office } }
`

describe('policy packs', () => {
  it('are operator-default where none are named, and none where the list is empty', async () => {
    expect(await policies()).toMatchObject({
      's-1': { id: 'operator-default/broadband', version: 1, limits: { latencyMs: 100, lossRatio: 0.01 } },
      's-2': { id: 'operator-default/voice', limits: { lossRatio: 0.001, jitterMs: 30 } },
    })
    expect(await policies('policies: []')).toMatchObject({
      's-1': {
        id: 'peak.goodBelow',
        limits: {
          latencyMs: 100,
          lossRatio: 0.01,
          jitterMs: 40,
          utilisationRatio: 0.8,
          coverageRatio: 0.8,
        },
      },
    })
  })

  it('may be files of your own, beside those of the program', async () => {
    await writeFile(join(folder, 'mine', 'ours.yaml'), ours)
    const settings = 'policies: [operator-default, mine/ours.yaml]'
    expect(await policies(settings)).toMatchObject({ 's-1': { id: 'operator-default/broadband' } })
    expect((await policies(settings))['s-2']).toEqual({
      id: 'ours/vip',
      version: 12,
      limits: { latencyMs: 70, lossRatio: 0.002, coverageRatio: 0.8 },
      window: {
        days: ['mon', 'tue'],
        hours: [{ from: 540, to: 1080 }],
        holidays: [],
        workdays: [],
      },
    })
  })

  it('give way to what peak.goodBelow says for the whole network', async () => {
    const judged = await policies('peak: { goodBelow: { latency: 5ms } }')
    expect(judged['s-1']?.limits).toMatchObject({ latencyMs: 5, jitterMs: 40 })
    expect(judged['s-2']?.limits).toMatchObject({ latencyMs: 5, jitterMs: 30 })
  })

  it('warn of numbers that nobody compared with their source, where services are judged by them', async () => {
    const pack = ours
      .replace(
        'version: 12',
        'version: 12, sources: [{ id: rfc, ref: RFC X, verified: false }, { id: seen, ref: Y }]',
      )
      .replace('loss: 0.002', 'loss: { value: 0.002, source: rfc }, jitter: { value: 9ms, source: seen }')
      .replace('window:', 'coverage: { value: 0.9, verified: false }, window:')
    await writeFile(join(folder, 'mine', 'ours.yaml'), pack)
    const warnings = async (settings: string) =>
      formatProblems((await loaded(settings)).warnings).replaceAll(`${folder}/`, '')
    expect((await warnings('policies: [mine/ours.yaml]')).split('\n')).toEqual([
      'mine/ours.yaml:6:94  policies[0].peakGood[0].below.loss  was not compared with its source (RFC X), and services are judged by it',
      'mine/ours.yaml:6:175  policies[0].peakGood[0].coverage  is marked as not verified, and services are judged by it',
    ])
    await writeFile(join(folder, 'mine', 'ours.yaml'), pack.replace('tier: [vip]', 'tier: [gold]'))
    expect(await warnings('policies: [mine/ours.yaml]')).toBe('')
  })

  it('of the program are named after their files, and told in the README of their folder', async () => {
    const files = globSync('*.yaml', { cwd: shipped })
    expect(files).toContain('operator-default.yaml')
    const readme = readFileSync(join(shipped, 'README.md'), 'utf8')
    for (const file of files) {
      const name = file.replace('.yaml', '')
      const { config } = await loaded(`policies: [${name}]`)
      expect(config.policies.map(({ id }) => id)).toEqual([name])
      expect(readme).toContain(`\`${name}\``)
      expect(readFileSync(join(shipped, file), 'utf8').split('\n')[0]).toBe(
        '# yaml-language-server: $schema=./schema.json',
      )
    }
  })
})
