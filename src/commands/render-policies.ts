import type { Config } from '../config/schema.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Service } from '../model/service.ts'
import {
  networkPolicyId,
  type PeakLimits,
  type PeakPolicy,
  type PolicyPack,
} from '../model/service-policy.ts'
import { createServicePolicies } from '../wiring/service-policies.ts'
import { plain, table } from './text-table.ts'

/** Services that are named of each policy. */
const mostNamed = 10

/** By which policy services are judged at the peak, as a table; empty without services. */
export function renderPolicies(
  config: Pick<Config, 'peak' | 'policies'>,
  services: readonly Service[],
  customers: Inventory['customers'],
): string {
  if (services.length === 0) return ''
  const policyOf = createServicePolicies(config, () => ({ customers }))
  const held = new Map<string, { readonly policy: PeakPolicy; readonly ids: string[] }>()
  for (const service of services) {
    const policy = policyOf(service)
    const own = held.get(policy.id) ?? { policy, ids: [] }
    held.set(policy.id, own)
    own.ids.push(service.id)
  }
  const rows = [...held.values()].map(({ policy, ids }) => [
    nameOf(policy),
    limitsText(policy.limits),
    listed(ids),
  ])
  const packs = config.policies.map(packName).join(', ')
  const written = Object.keys(config.peak.goodBelow).length > 0
  return [
    `good at the peak, by ${packs === '' ? 'no policy' : packs}${written ? ', with what peak.goodBelow sets' : ''}:`,
    ...table([['policy', 'good below', 'services'], ...rows]),
  ].join('\n')
}

function packName({ id, version, title = {} }: PolicyPack): string {
  const called = title.en ?? Object.values(title)[0]
  return `${id} ${version}${called === undefined ? '' : ` (${plain(called)})`}`
}

const nameOf = ({ id, version }: PeakPolicy): string => {
  if (id === networkPolicyId) return `none (${networkPolicyId})`
  return version === undefined ? id : `${id} ${version}`
}

function limitsText({ latencyMs, lossRatio, jitterMs, utilisationRatio, coverageRatio }: PeakLimits): string {
  const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(6))} %`
  return [
    ...(latencyMs === undefined ? [] : [`latency ${latencyMs} ms`]),
    ...(lossRatio === undefined ? [] : [`loss ${percent(lossRatio)}`]),
    ...(jitterMs === undefined ? [] : [`jitter ${jitterMs} ms`]),
    ...(utilisationRatio === undefined ? [] : [`utilisation ${percent(utilisationRatio)}`]),
    `with ${percent(coverageRatio)} measured`,
  ].join(', ')
}

function listed(ids: readonly string[]): string {
  const named = ids.slice(0, mostNamed).map(plain).join(' ')
  return ids.length > mostNamed ? `${named} and ${ids.length - mostNamed} more` : named
}
