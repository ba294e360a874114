import { z } from 'zod'
import { alarmPhases, alarmTransitionKinds, alarmTypes, systemAlarmTypes } from '../model/alarm.ts'
import { reportStatuses, symptoms } from '../model/fault-report.ts'
import { incidentStates } from '../model/incident.ts'
import { notificationStates } from '../model/notification.ts'
import { severities } from '../model/severity.ts'
import { trapKinds } from '../model/trap.ts'

/**
 * What each address answers, as schemas: the OpenAPI document, the types that the console imports, and the tests that
 * hold real answers against them are made from these. Times are RFC 3339 in UTC. A key without a value is absent.
 * `customerName` and the customer's own words are only there for the roles desk, noc and admin.
 */
const time = z.iso.datetime()
const count = z.int().min(0)

/** Roles, each holding what the one after it may do. */
export const roles = ['admin', 'noc', 'desk', 'readonly'] as const
export type Role = (typeof roles)[number]

const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .optional()
      .meta({ description: 'Give it as `cursor` for the next page; absent on the last.' }),
  })

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'A code of docs/errors.md.' }),
  detail: z.string(),
  instance: z.string().optional(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'Each field that is wrong.' }),
  version: z
    .int()
    .optional()
    .meta({ description: 'With PRECONDITION_FAILED: the version that is the newest.' }),
})
export type Problem = z.infer<typeof problem>

const health = z.object({ status: z.literal('ok'), version: z.string() })

const readiness = z.object({
  state: z.enum(['ready', 'degraded', 'notReady']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
})
export type ReadinessView = z.infer<typeof readiness>

/** Who the caller is, and what the console needs to know before anything else. */
const session = z.object({
  actor: z.string(),
  role: z.enum(roles),
  authentication: z.enum(['loopback', 'token', 'session']),
  demo: z.boolean(),
  version: z.string(),
})
export type SessionView = z.infer<typeof session>

// --- network ---

/** `unknown` also stands for an element that is never polled; the vantage itself is `answering`. */
const reach = z.enum(['answering', 'missing', 'dark', 'unknown'])

const element = z.object({
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

const interfaceStatus = z.enum([
  'up',
  'down',
  'testing',
  'unknown',
  'dormant',
  'notPresent',
  'lowerLayerDown',
])
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
const interfaceList = z.object({ items: z.array(networkInterface) })
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
const linkList = z.object({ items: z.array(link) })
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
const topology = z.object({
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

const polled = z.object({
  element: z.string(),
  readings: z.array(
    z.object({
      probe: z.enum(['icmp', 'stamp', 'snmp']),
      at: time,
      outcome: z.enum(['answered', 'timeout', 'notSent', 'refused']),
      durationMs: z.number(),
      problem: z.string().optional(),
      sent: count.optional(),
      received: count.optional(),
      rttMs: z.number().optional().meta({ description: 'Mean round-trip time of the replies.' }),
    }),
  ),
})
export type PolledView = z.infer<typeof polled>

const seenToday = { count, firstAt: time, lastAt: time }
const collection = z.object({
  probes: z.array(
    z.object({
      name: z.enum(['icmp', 'stamp', 'snmp']),
      engine: z.string().meta({ description: 'Which engine runs, and what it may do.' }),
      intervalMs: z.number(),
    }),
  ),
  overruns: z
    .array(z.object({ element: z.string(), probe: z.enum(['icmp', 'stamp', 'snmp']), skipped: count }))
    .meta({
      description: 'Polls skipped because the one before still ran, since the start; the worst first.',
    }),
  refused: z
    .array(z.object({ protocol: z.string(), reason: z.string(), count }))
    .meta({ description: 'Packets dropped since the start.' }),
  traps: z
    .object({
      host: z.string(),
      port: z.int(),
      receiveBuffer: z.int().meta({ description: 'Bytes, as the kernel granted it.' }),
      counts: z
        .array(z.object({ kind: z.string(), outcome: z.string(), count }))
        .meta({ description: 'Since the start.' }),
      latest: z
        .array(
          z.object({
            element: z.string(),
            at: time,
            kind: z.enum(trapKinds),
            oid: z.string(),
            version: z.enum(['1', '2c', '3']),
            inform: z.boolean(),
            authenticated: z.boolean().meta({ description: 'SNMPv3 with a right digest, and of now.' }),
            source: z.string(),
            interfaceIndex: z.int().optional(),
            interfaceName: z.string().optional(),
          }),
        )
        .meta({ description: 'Traps of elements, the latest first.' }),
      refused: z
        .array(z.object({ ...seenToday, address: z.string(), why: z.string() }))
        .meta({ description: 'Senders whose traps did not count, in the last day.' }),
      unknown: z
        .array(z.object({ ...seenToday, element: z.string(), oid: z.string() }))
        .meta({ description: 'Traps of elements that are not understood, in the last day.' }),
    })
    .optional()
    .meta({ description: 'Absent when traps are not received.' }),
})
export type CollectionView = z.infer<typeof collection>

const samples = z.object({
  measurement: z.string(),
  field: z.string(),
  unit: z.string(),
  from: time,
  to: time,
  step: z.int().optional().meta({ description: 'Width of a bucket in milliseconds; absent: raw values.' }),
  aggregate: z.enum(['mean', 'max', 'p95']).optional(),
  series: z.array(
    z.object({
      tags: z.record(z.string(), z.string()),
      points: z
        .array(z.tuple([time, z.number()]))
        .meta({ description: 'Time and value. A bucket without values is absent: a gap is a gap.' }),
    }),
  ),
})
export type SamplesView = z.infer<typeof samples>

const latestSamples = z.object({
  measurement: z.string(),
  units: z.record(z.string(), z.string()).meta({ description: 'Unit by field.' }),
  items: z.array(
    z.object({
      tags: z.record(z.string(), z.string()),
      at: time,
      values: z
        .record(z.string(), z.number())
        .meta({ description: 'By field. What the newest sample lacks is absent.' }),
    }),
  ),
})

const bps = z.number().meta({ description: 'bit/s' })
const forecast = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('expected'), date: z.iso.date() }),
    z.object({ state: z.enum(['reached', 'notInSight', 'unknown']) }),
  ])
  .meta({
    description:
      'When the busy hour reaches 80 % of the capacity, by a straight line through its days; `unknown` with fewer than seven days or without a capacity.',
  })
const directionBusyHour = z.object({
  meanBps: bps.meta({ description: 'Mean of the daily peak hours, bit/s.' }),
  p95Bps: bps.optional().meta({
    description: 'Mean over the days of the 95th percentile of the 5-minute rates of the peak hour, bit/s.',
  }),
  highestBps: bps.meta({ description: 'The busiest of the daily peak hours, bit/s.' }),
  windowMeanBps: bps.optional().meta({ description: 'Mean over the days of the fixed window, bit/s.' }),
  tcbhHour: z
    .int()
    .optional()
    .meta({ description: 'Time-consistent busy hour of the last days, 0..23, local.' }),
  tcbhBps: bps.optional(),
  ratesP95Bps: bps
    .optional()
    .meta({ description: '95th percentile (nearest rank) of all 5-minute rates of the range, bit/s.' }),
})
const busyHour = z.object({
  from: time,
  to: time,
  interfaces: z
    .array(
      z.object({
        element: z.string(),
        interface: z.string(),
        days: count.meta({ description: 'Days with a peak hour.' }),
        speedBps: bps.optional(),
        in: directionBusyHour.optional(),
        out: directionBusyHour.optional(),
        utilisation: z
          .number()
          .optional()
          .meta({ description: 'Busy-hour mean divided by the capacity, in the fuller direction: a ratio.' }),
        headroomBps: bps.optional(),
        daysOver: count.meta({ description: 'Days whose peak hour took more than 80 % of the capacity.' }),
        forecast,
      }),
    )
    .meta({ description: 'The fullest first.' }),
  elements: z.array(
    z.object({
      element: z.string(),
      interfaces: count,
      inMeanBps: bps.meta({
        description: 'Sum of the busy-hour means, which need not be at the same time, bit/s.',
      }),
      outMeanBps: bps,
      fullest: z.object({ interface: z.string(), utilisation: z.number() }).optional(),
      daysOver: count,
      forecast,
    }),
  ),
})
export type BusyHourView = z.infer<typeof busyHour>

// --- faults ---

const alarm = z.object({
  id: z.string(),
  about: z.enum(['element', 'interface', 'system']),
  element: z.string().meta({ description: '`system` for an alarm about Faultline itself.' }),
  elementName: z.string(),
  interface: z.string().optional(),
  part: z.string().optional().meta({ description: 'The part of Faultline that it is about.' }),
  type: z.enum([...alarmTypes, ...systemAlarmTypes]),
  severity: z.enum(severities),
  eventType: z.string(),
  probableCause: z.string(),
  state: z.enum(['active', 'cleared']),
  phase: z.enum(alarmPhases).optional().meta({
    description:
      'Of an active alarm. `clearing`: good samples come, not enough of them yet. `flapping`: raised and cleared too often; it stays active until it has been stable.',
  }),
  onsetAt: time,
  raisedAt: time,
  restoredAt: time.optional(),
  clearedAt: time.optional(),
  clearedBecause: z
    .string()
    .optional()
    .meta({ description: 'Why it was cleared, when it was not by good samples.' }),
  indeterminate: z.boolean(),
  value: z.number().optional(),
  limit: z.number().optional(),
  rule: z.string(),
  text: z.string(),
  acknowledged: z.object({ by: z.string(), at: time }).optional(),
  shelved: z
    .object({ by: z.string(), at: time, until: time, reason: z.string() })
    .optional()
    .meta({ description: 'Put aside by a person: it opens and holds no incident until then.' }),
  maintenance: z.string().optional().meta({ description: 'The maintenance window that covers it.' }),
  version: z.int().meta({ description: 'Give it as If-Match when you change the alarm.' }),
})
export type AlarmView = z.infer<typeof alarm>
const alarmPage = pageOf(alarm)
export type AlarmPage = z.infer<typeof alarmPage>
const alarmDetail = alarm.extend({
  transitions: z
    .array(
      z.object({
        sequence: z.int(),
        at: time,
        actor: z.string(),
        kind: z.enum(alarmTransitionKinds),
        severity: z.enum(severities),
        value: z.number().optional(),
        until: time.optional().meta({ description: 'Of `shelved`.' }),
        reason: z.string().optional(),
      }),
    )
    .meta({ description: 'Oldest first.' }),
})
export type AlarmDetail = z.infer<typeof alarmDetail>

const impactState = z.enum(['down', 'degraded', 'atRisk'])
const impactCounts = z
  .object({
    down: count,
    degraded: count,
    atRisk: count,
    customers: count,
    weight: z.number().meta({
      description:
        'What it weighs: each customer once, by tier and flags (`impact` in the configuration) and its worst service. Planned work weighs nothing.',
    }),
  })
  .meta({ description: 'Services by state; customers with a service that is down or degraded.' })

/** `elementOrUplink`: the evidence does not tell which of the two failed. */
const rootCause = z.object({
  kind: z.enum(['element', 'link', 'elementOrUplink', 'site']),
  element: z.string().optional(),
  elementName: z.string().optional(),
  site: z.string().optional(),
  trouble: z
    .enum(['congestion', 'errors'])
    .optional()
    .meta({ description: 'What is wrong with it while it still works.' }),
  links: z.array(z.string()).meta({ description: 'The link, or the uplinks that may have failed instead.' }),
  text: z.string().meta({ description: 'Short, with names, in English.' }),
})
export type RootCauseView = z.infer<typeof rootCause>

const incidentKind = z.enum(['outage', 'degradation', 'redundancy', 'agent', 'blind'])
const incident = z.object({
  id: z.string(),
  kind: incidentKind,
  state: z.enum(incidentStates),
  severity: z.enum(severities),
  title: z.string().meta({ description: 'The root causes, joined.' }),
  roots: z.array(rootCause),
  shadowed: z.array(z.string()),
  alarmCount: count,
  impactNow: impactCounts,
  impactEver: impactCounts,
  explanation: z.array(z.string()),
  onsetAt: time,
  detectedAt: time,
  firstReportAt: time.optional(),
  firstMessageAt: time.optional(),
  restoredAt: time.optional(),
  resolvedAt: time.optional(),
  closedAt: time.optional(),
  etaAt: time.optional(),
  assignee: z.string().optional(),
  acknowledged: z.object({ by: z.string(), at: time }).optional(),
  hold: z
    .object({ by: z.string(), at: time, reason: z.string() })
    .optional()
    .meta({ description: 'What work waits for.' }),
  reopened: z
    .object({ by: z.string(), at: time, reason: z.string() })
    .optional()
    .meta({ description: 'A person opened it again: it is not resolved by itself.' }),
  planned: z
    .string()
    .optional()
    .meta({ description: 'The maintenance window that it lies wholly inside of.' }),
  mergedInto: z.string().optional().meta({ description: 'The older incident that took this one over.' }),
  splitFrom: z.string().optional().meta({ description: 'The incident that it was a part of at first.' }),
  version: z.int().meta({ description: 'Give it as If-Match when you change the incident.' }),
  updatedAt: time,
})
export type IncidentView = z.infer<typeof incident>
const incidentPage = pageOf(incident)
export type IncidentPage = z.infer<typeof incidentPage>

const impactRow = z.object({
  service: z.string(),
  class: z.string().optional(),
  customer: z.string(),
  customerName: z.string().optional(),
  tier: z.string().optional(),
  now: impactState.optional().meta({ description: 'Absent: it works again.' }),
  planned: z
    .string()
    .optional()
    .meta({ description: 'The maintenance window that explains how it suffers now.' }),
  worst: impactState,
  weight: z.number().meta({ description: 'What its customer weighed when it was found.' }),
})
export type ImpactRow = z.infer<typeof impactRow>

const logRow = z.object({
  sequence: z.int(),
  at: time,
  actor: z.string(),
  type: z.string(),
  text: z.string().meta({ description: 'In plain English. A note is as its author wrote it.' }),
})
export type LogRow = z.infer<typeof logRow>

// --- fault reports ---

const matchReason = z.object({
  factor: z.enum(['topology', 'time', 'symptom', 'other-reports', 'person']),
  points: z.number(),
  text: z.string(),
})
const match = z.object({
  incident: z.string(),
  score: z.number().min(0).max(1),
  state: z.enum(['linked', 'suggested', 'unlinked']),
  decidedBy: z.enum(['system', 'person']),
  at: time,
  reasons: z.array(matchReason),
  incidentTitle: z.string().optional(),
  incidentState: z.enum(incidentStates).optional(),
  etaAt: time.optional(),
})
export type MatchView = z.infer<typeof match>

const evidence = z.object({
  state: z.enum(['pending', 'measured']),
  coverage: z.number().min(0).max(1),
  good: z.boolean(),
  from: time,
  to: time,
  findings: z.array(z.string()),
})
export type EvidenceView = z.infer<typeof evidence>

const verdict = z.enum(['matched', 'suspected', 'no-fault-seen', 'unknown'])
const faultReport = z.object({
  id: z.string(),
  kind: z.enum(['fault', 'complaint']),
  externalId: z.string().optional(),
  customer: z.string(),
  customerName: z.string().optional(),
  service: z.string().optional(),
  symptom: z.enum(symptoms),
  description: z.string().optional(),
  channel: z.string(),
  status: z.enum(reportStatuses),
  reportedAt: time,
  reportedOnsetAt: time.optional(),
  verdict,
  evidence,
  matches: z.array(match).meta({ description: 'Best first; those that a person unlinked come last.' }),
  version: z.int().meta({ description: 'Give it as If-Match when you change the report.' }),
  updatedAt: time,
})
export type FaultReportView = z.infer<typeof faultReport>
const faultReportPage = pageOf(faultReport)
export type FaultReportPage = z.infer<typeof faultReportPage>

const faultReportDetail = faultReport.extend({ log: z.array(logRow) })
export type FaultReportDetail = z.infer<typeof faultReportDetail>

const incidentDetail = incident.extend({
  alarms: z.array(alarm),
  impact: z.array(impactRow).meta({ description: 'Worst first.' }),
  reports: z.array(
    z.object({
      id: z.string(),
      customer: z.string(),
      customerName: z.string().optional(),
      symptom: z.enum(symptoms),
      reportedAt: time,
      match,
    }),
  ),
  notifications: z
    .object({
      customersTold: count,
      byKind: z.array(
        z.object({
          kind: z.enum(['outage', 'progress', 'restored']),
          state: z.enum(notificationStates),
          count,
        }),
      ),
    })
    .optional()
    .meta({ description: 'As they are now; absent in an answer about the past.' }),
  log: z.array(logRow),
})
export type IncidentDetail = z.infer<typeof incidentDetail>

const impactHistory = z.object({
  items: z
    .array(
      z.object({
        sequence: z.int().meta({ description: 'Of the log row that changed it.' }),
        at: time,
        type: z.string(),
        impact: impactCounts.meta({ description: 'From then on.' }),
        changes: z
          .array(
            z.object({
              service: z.string(),
              customer: z.string().optional(),
              state: impactState.optional().meta({ description: 'Absent: it works again.' }),
              planned: z.string().optional(),
            }),
          )
          .meta({ description: 'At most 100.' }),
        more: count.meta({ description: 'How many changes are not listed.' }),
      }),
    )
    .meta({ description: 'In order of time.' }),
  nextCursor: z.string().optional(),
})
export type ImpactHistoryView = z.infer<typeof impactHistory>

// --- planned work ---

const interval = z.object({ startsAt: time, endsAt: time })
const maintenanceWindow = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().optional(),
  elements: z.array(z.string()),
  includeDownstream: z
    .boolean()
    .meta({ description: 'Elements all whose paths to the gateways lead through these are covered too.' }),
  start: time.meta({ description: 'Of the first occurrence.' }),
  durationMs: z.int().meta({
    description: 'Of each occurrence. Whole days are days of the local calendar, of 23 to 25 hours.',
  }),
  timeZone: z.string().meta({ description: 'IANA zone.' }),
  recurrence: z
    .object({
      rule: z.string().meta({ description: 'The value of an RRULE (RFC 5545 §3.3.10).' }),
      exclude: z.array(time).meta({ description: 'Starts of occurrences that do not take place.' }),
    })
    .optional(),
  state: z.enum(['scheduled', 'underway', 'over', 'cancelled']),
  current: interval.optional().meta({ description: 'The occurrence under way.' }),
  next: z.array(interval).meta({ description: 'What follows.' }),
  createdBy: z.string(),
  createdAt: time,
  cancelledAt: time.optional(),
  version: z.int().meta({ description: 'Give it as If-Match when you change the window.' }),
  updatedAt: time,
})
export type MaintenanceWindowView = z.infer<typeof maintenanceWindow>
const maintenanceWindowPage = pageOf(maintenanceWindow)
export type MaintenanceWindowPage = z.infer<typeof maintenanceWindowPage>

const covered = z.object({
  elements: z.array(z.string()).meta({ description: 'At most 1000.' }),
  elementCount: count,
  services: z.array(z.string()).meta({ description: 'At most 1000.' }),
  serviceCount: count,
  customerCount: count,
})
const maintenanceWindowDetail = maintenanceWindow.extend({
  covered: covered.meta({ description: 'In the network as it is now.' }),
  log: z.array(logRow),
})
const maintenancePreview = z.object({ next: z.array(interval), covered })
export type MaintenancePreview = z.infer<typeof maintenancePreview>

// --- what the desk reads to a caller ---

const told = z.object({
  kind: z.enum(['outage', 'progress', 'restored']),
  state: z.enum(notificationStates),
  at: time,
  incident: z.string(),
})
const serviceStatus = z.object({
  service: z.string(),
  customer: z.string(),
  class: z.string(),
  area: z.enum(['urban', 'rural']),
  element: z.string(),
  elementName: z.string(),
  state: z.enum(['ok', 'down', 'degraded', 'atRisk', 'unknown']).meta({
    description: '`unknown`: its path is not measured well enough to say that all is well.',
  }),
  incidents: z.array(
    z.object({
      id: z.string(),
      kind: incidentKind,
      state: z.enum(incidentStates),
      impact: impactState,
      planned: z
        .string()
        .optional()
        .meta({ description: 'The maintenance window that explains how the service suffers.' }),
      title: z.string(),
      onsetAt: time,
      restoredAt: time.optional(),
      etaAt: time.optional(),
    }),
  ),
  evidence,
  told: z.array(told).meta({ description: 'Messages about this service, newest first.' }),
  say: z
    .object({ en: z.string(), zh: z.string() })
    .meta({ description: 'A sentence to read to the customer; plain words, no names of boxes.' }),
})
export type ServiceStatusView = z.infer<typeof serviceStatus>

const customerStatus = z.object({
  customer: z.string(),
  customerName: z.string(),
  language: z.enum(['zh', 'en']),
  tier: z.string(),
  flags: z.array(z.string()),
  services: z.array(serviceStatus),
  reports: z.array(faultReport).meta({ description: 'Newest first, at most 20.' }),
})

// --- messages ---

/** No address: contacts are never served. */
const notification = z.object({
  id: z.string(),
  incident: z.string(),
  customer: z.string(),
  customerName: z.string().optional(),
  kind: z.enum(['outage', 'progress', 'restored']),
  services: z.array(z.string()),
  state: z.enum(notificationStates),
  dueAt: time,
  answers: z.string().optional(),
  channel: z.string().optional(),
  reference: z.string().optional(),
  attempts: count,
  reason: z.string().optional(),
  queuedAt: time,
  sentAt: time.optional(),
  updatedAt: time,
})
export type NotificationView = z.infer<typeof notification>
const notificationPage = pageOf(notification)
export type NotificationPage = z.infer<typeof notificationPage>

const notificationPreview = z.object({
  incident: z.string(),
  customers: count.meta({ description: 'All that would be told; `messages` holds the first 200.' }),
  messages: z.array(
    z.object({
      customer: z.string(),
      customerName: z.string(),
      kind: z.enum(['outage', 'progress', 'restored']),
      language: z.enum(['zh', 'en']),
      channel: z.string(),
      services: z.array(z.string()),
      dueAt: time,
      subject: z.string(),
      text: z.string(),
    }),
  ),
})

/**
 * `data` of a server-sent event; the event's name is the topic and its id the number to resume after. An event named
 * `reset` instead has no data: what was missed is not known any more, so everything is to be read anew.
 */
const liveEvent = z.object({
  topic: z.enum(['alarm', 'incident', 'report', 'notification', 'network', 'maintenance']),
  id: z.string(),
  change: z.string(),
  at: time,
})
export type LiveEventView = z.infer<typeof liveEvent>

/** The same schemas under the names that the OpenAPI document gives them. */
export const views = {
  Problem: problem,
  Health: health,
  Readiness: readiness,
  Session: session,
  Element: element,
  ElementPage: pageOf(element),
  InterfaceList: interfaceList,
  LinkList: linkList,
  Topology: topology,
  Collection: collection,
  Polled: polled,
  Samples: samples,
  LatestSamples: latestSamples,
  BusyHour: busyHour,
  Alarm: alarm,
  AlarmPage: alarmPage,
  AlarmDetail: alarmDetail,
  IncidentPage: incidentPage,
  Incident: incident,
  IncidentDetail: incidentDetail,
  ImpactHistory: impactHistory,
  MaintenanceWindow: maintenanceWindow,
  MaintenanceWindowPage: maintenanceWindowPage,
  MaintenanceWindowDetail: maintenanceWindowDetail,
  MaintenancePreview: maintenancePreview,
  FaultReport: faultReport,
  FaultReportPage: faultReportPage,
  FaultReportDetail: faultReportDetail,
  ServiceStatus: serviceStatus,
  CustomerStatus: customerStatus,
  NotificationPage: notificationPage,
  NotificationPreview: notificationPreview,
  LiveEvent: liveEvent,
} as const
export type ViewName = keyof typeof views
export type ElementPage = z.infer<(typeof views)['ElementPage']>
