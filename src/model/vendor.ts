/** Makers by the number that IANA gave them (private enterprise numbers), as rules name them. */
const makers: Readonly<Record<string, string>> = {
  '9': 'cisco',
  '11': 'hp',
  '171': 'd-link',
  '318': 'apc',
  '534': 'eaton',
  '637': 'nokia',
  '674': 'dell',
  '705': 'eaton',
  '890': 'zyxel',
  '1588': 'brocade',
  '1916': 'extreme',
  '1991': 'brocade',
  '2011': 'huawei',
  '2021': 'net-snmp',
  '2636': 'juniper',
  '3320': 'bdcom',
  '3902': 'zte',
  '4526': 'netgear',
  '4881': 'ruijie',
  '5651': 'maipu',
  '6339': 'dcn',
  '6486': 'alcatel',
  '6527': 'nokia',
  '8072': 'net-snmp',
  '8886': 'raisecom',
  '10002': 'ubiquiti',
  '11863': 'tp-link',
  '12356': 'fortinet',
  '14179': 'cisco',
  '14823': 'aruba',
  '14988': 'mikrotik',
  '25461': 'palo-alto',
  '25506': 'h3c',
  '30065': 'arista',
  '31648': 'dptech',
  '41112': 'ubiquiti',
}

export const knownVendors: readonly string[] = [...new Set(Object.values(makers))].sort()

/** The maker of an agent by its sysObjectID (RFC 3418); undefined for one that the table does not have. */
export function vendorOf(objectId: string): string | undefined {
  const number = /^\.?1\.3\.6\.1\.4\.1\.(\d+)(\.|$)/.exec(objectId)?.[1]
  return number !== undefined && Object.hasOwn(makers, number) ? makers[number] : undefined
}
