import type { SystemGroup } from '../../model/reading.ts'
import { isAbsent, numberOf, oidOf, textOf } from './codec/varbind.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests } from './snmp-session.ts'

/** SNMPv2-MIB `system` (RFC 3418) and snmpEngineBoots (RFC 3411), without the `.0` of their only instance. */
const scalars = {
  description: '1.3.6.1.2.1.1.1',
  objectId: '1.3.6.1.2.1.1.2',
  upTime: '1.3.6.1.2.1.1.3',
  name: '1.3.6.1.2.1.1.5',
  location: '1.3.6.1.2.1.1.6',
  engineBoots: '1.3.6.1.6.3.10.2.1.2',
} as const

/**
 * Reads the system group in one message. SNMPv1 fails the whole of a GET for one value that is not there, so it is
 * asked by GETNEXT, which finds each value or the one behind it, and not for the engine, which v1 agents lack.
 */
export async function readSystem(requests: Requests): Promise<SystemGroup> {
  const v1 = requests.version === '1'
  const wanted = Object.values(scalars).filter((oid) => !v1 || oid !== scalars.engineBoots)
  const answer = v1 ? await requests.next(wanted) : await requests.get(wanted.map((oid) => `${oid}.0`))
  const values = new Map(
    answer.filter((varbind) => !isAbsent(varbind)).map((varbind) => [varbind.oid, varbind]),
  )
  const value = (name: keyof typeof scalars) => values.get(`${scalars[name]}.0`)
  const upTimeTicks = numberOf(value('upTime'))
  if (upTimeTicks === undefined) throw new SnmpFailure('refused', 'the agent does not show its sysUpTime')
  const engineBoots = numberOf(value('engineBoots'))
  return {
    description: textOf(value('description')),
    objectId: oidOf(value('objectId')),
    name: textOf(value('name')),
    location: textOf(value('location')),
    upTimeTicks,
    ...(engineBoots === undefined ? {} : { engineBoots }),
  }
}
