import type { SnmpAccess, Target } from '../src/model/target.ts'
import { addressOf, type Responder } from './responder.ts'

const v2c = (port: number): SnmpAccess => ({ version: '2c', community: 'bench', port, acceptFrom: [] })

const numbered = (count: number, targetOf: (element: number) => Omit<Target, 'element' | 'speedOverrides'>) =>
  Array.from({ length: count }, (_, n): Target => ({ element: `e${n}`, speedOverrides: {}, ...targetOf(n) }))

export const snmpTargets = (count: number, responder: Responder): readonly Target[] =>
  numbered(count, (n) => {
    const { address, port } = responder.at(n)
    return { address, icmp: false, snmp: v2c(port) }
  })

export const icmpTargets = (count: number): readonly Target[] =>
  numbered(count, (n) => ({ address: addressOf(n), icmp: true }))

export const stampTargets = (count: number, responder: Responder): readonly Target[] =>
  numbered(count, (n) => {
    const { address, port } = responder.at(n)
    return { address, icmp: false, stamp: { port, stateful: false } }
  })
