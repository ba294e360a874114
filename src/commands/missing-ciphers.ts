import { privacyProblem } from '../collect/snmp/usm/privacy.ts'
import type { Config } from '../config/schema.ts'

/**
 * Where the configuration asks for an SNMPv3 privacy that the OpenSSL of this host does not offer (DES, mostly). One
 * line each, with the element or user it is about.
 * @param offered names of OpenSSL ciphers; default: those of this host
 */
export function missingCiphers(config: Config, offered?: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const { id, snmp } of config.elements) {
    const protocol = snmp !== undefined && 'priv' in snmp ? snmp.priv?.protocol : undefined
    const problem = protocol && privacyProblem(protocol, offered)
    if (problem) lines.push(`elements  ${JSON.stringify(id)} snmp.priv.protocol  ${problem}`)
  }
  for (const { name, priv } of config.traps?.users ?? []) {
    const problem = priv && privacyProblem(priv.protocol, offered)
    if (problem) lines.push(`traps.users  ${JSON.stringify(name)} priv.protocol  ${problem}`)
  }
  return lines
}
