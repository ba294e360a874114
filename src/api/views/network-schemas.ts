import { z } from 'zod'
import { interfaceStatuses } from '../../model/interface.ts'
import { severities } from '../../model/severity.ts'
import { count, time } from './common-schemas.ts'

/** `unknown` also stands for an element that is never polled; the vantage itself is `answering`. */
const reach = z.enum(['answering', 'missing', 'dark', 'unknown'])

export const element = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string().optional(),
  role: z.string().optional(),
  site: z.string().optional(),
  tags: z.array(z.string()),
  probes: z.array(z.enum(['icmp', 'stamp', 'snmp'])),
  reach,
  since: time.optional(),
  lastAnswerAt: time.optional(),
  agentSilent: z.boolean(),
  activeAlarms: count,
  worstSeverity: z.enum(severities).optional(),
  portsDown: z.array(z.string()),
  system: z
    .object({
      description: z.string(),
      objectId: z.string(),
      name: z.string(),
      location: z.string(),
      uptimeSeconds: z.number(),
    })
    .optional()
    .meta({ description: 'SNMPv2-MIB system group as the box gave it. Text from outside.' }),
})

export type ElementView = z.infer<typeof element>

const interfaceStatus = z.enum([...new Set(interfaceStatuses)])

const networkInterface = z.object({
  element: z.string(),
  name: z.string(),
  index: z.int(),
  description: z.string(),
  alias: z.string(),
  adminStatus: interfaceStatus,
  operStatus: interfaceStatus,
  speedBps: z.number(),
  seenAt: time,
  links: z.array(z.string()).meta({ description: 'Ids of the links on this port.' }),
})

export type InterfaceView = z.infer<typeof networkInterface>

export const interfaceList = z.object({ items: z.array(networkInterface) })

export type InterfaceList = z.infer<typeof interfaceList>

const linkEnd = z.object({ element: z.string(), interface: z.string().optional() })

/** `down`: a port of it is reported down. `dark`: an end does not answer, so the link itself cannot be judged. */
const link = z.object({
  id: z.string(),
  a: linkEnd,
  b: linkEnd,
  source: z.enum(['declared', 'uplink', 'lldp']),
  state: z.enum(['up', 'down', 'dark', 'unknown']),
})

export type LinkView = z.infer<typeof link>

export const linkList = z.object({ items: z.array(link) })

export type LinkList = z.infer<typeof linkList>

const topologyNode = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string().optional(),
  site: z.string().optional(),
  hops: z
    .int()
    .optional()
    .meta({ description: 'Links from the nearest gateway; absent when there is no path.' }),
  reach,
  since: time.optional(),
  agentSilent: z.boolean(),
  activeAlarms: count,
  worstSeverity: z.enum(severities).optional(),
  incidents: z.array(z.object({ id: z.string(), as: z.enum(['root', 'shadowed']) })).meta({
    description: 'Open incidents that it is a root cause of, or that it is hidden behind.',
  }),
  services: count.meta({ description: 'Services carried by it as their access element or endpoint.' }),
})

export type TopologyNode = z.infer<typeof topologyNode>

/** Where the LLDP tables and the declared links differ. */
const linkDifference = z.object({
  kind: z.enum(['undeclaredLink', 'missingLink', 'otherPort', 'unknownNeighbour']),
  a: linkEnd,
  b: linkEnd.optional(),
  neighbour: z
    .string()
    .optional()
    .meta({ description: 'System name of a neighbour that is no element. Text from outside.' }),
  text: z.string().meta({ description: 'One sentence, in English.' }),
})

export const topology = z.object({
  at: time,
  vantage: z.string(),
  gateways: z.array(z.string()),
  nodes: z.array(topologyNode),
  links: z.array(link),
  differences: z.array(linkDifference).meta({
    description: 'Where what elements tell by LLDP differs from what is declared; at most 1000.',
  }),
})

export type TopologyView = z.infer<typeof topology>
