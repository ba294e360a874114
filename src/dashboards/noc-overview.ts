import { everyPixel, oneOf, openSince, quoted, select, selectFrom } from './influxql.ts'
import { elementsVariable, page, rowLinks, seriesLinks, uids } from './page.ts'
import { limits, stat, table, timeSeries } from './panels.ts'

/** The last state of each alarm: a row is written at each change, and the severity is a tag that may change. */
const lastAlarms = select('alarm', {
  columns: ({ last, tag, field }) => ({
    active: last('active'),
    severity: tag('severity'),
    text: field('text'),
  }),
  where: { element: oneOf('element') },
  within: openSince,
  by: ['element', 'interface', 'type'],
})

const lastIncidents = select('incident', {
  columns: ({ last, field, tag }) => ({
    customers: last('customers'),
    services: field('services'),
    state: tag('state'),
    severity: tag('severity'),
    text: field('text'),
  }),
  within: openSince,
  by: ['root'],
})
const notOver = `${quoted('state')} !~ /^(resolved|closed)$/`
const openIncidents = (column: string, value: string) =>
  selectFrom(lastIncidents, { [column]: value }, { within: false, where: [notOver] })

/** The ten worst by a value of the inner statement, with the tags that name them. */
const worst = (inner: string, value: string, ...tags: readonly string[]) =>
  selectFrom(
    inner,
    { [value]: `top(${quoted(value)}, 10)`, ...Object.fromEntries(tags.map((tag) => [tag, quoted(tag)])) },
    { within: false },
  )

const everyPath = { where: { element: oneOf('element') }, by: ['element'] } as const
const everyInterface = { where: { element: oneOf('element') }, by: ['element', 'interface'] } as const

export const nocOverview = () =>
  page({
    uid: uids.noc,
    title: 'NOC overview',
    description: 'What is wrong now, and where it is worst.',
    from: 'now-6h',
    variables: [elementsVariable()],
    rows: {
      Now: [
        stat({
          title: 'Open incidents',
          description: 'Root causes whose last state is neither resolved nor closed.',
          queries: { incidents: openIncidents('incidents', 'count("customers")') },
          unit: 'short',
          limits: limits.open,
        }),
        stat({
          title: 'Customers affected',
          description: 'Down or degraded, summed over open incidents.',
          queries: { customers: openIncidents('customers', 'sum("customers")') },
          unit: 'short',
          limits: limits.open,
        }),
        stat({
          title: 'Services affected',
          description: 'Down or degraded, summed over open incidents.',
          queries: { services: openIncidents('services', 'sum("services")') },
          unit: 'short',
          limits: limits.open,
        }),
        stat({
          title: 'Active alarms',
          description: 'Elements and interfaces whose last alarm of a type is active.',
          queries: { alarms: selectFrom(lastAlarms, { alarms: 'sum("active")' }, { within: false }) },
          unit: 'short',
          limits: limits.open,
        }),
        stat({
          title: 'Worst loss',
          description: 'Of any element, over the range.',
          queries: {
            loss: selectFrom(
              select('icmp', { columns: ({ mean }) => ({ loss: mean('loss_ratio') }), ...everyPath }),
              { loss: 'max("loss")' },
              { within: false },
            ),
          },
          unit: 'percentunit',
          limits: limits.loss,
        }),
        stat({
          title: 'Agents answering',
          description: 'Share of SNMP polls in the range that were answered.',
          queries: {
            answered: select('element', {
              columns: ({ mean }) => ({ answered: mean('reachable') }),
              where: { element: oneOf('element') },
            }),
          },
          unit: 'percentunit',
        }),
      ],
      'Incidents and alarms': [
        table({
          title: 'Open incidents',
          description: 'The last state of each root cause.',
          query: selectFrom(
            lastIncidents,
            Object.fromEntries(
              ['root', 'state', 'severity', 'customers', 'services', 'text'].map((name) => [
                name,
                quoted(name),
              ]),
            ),
            { within: false, where: [notOver] },
          ),
          unit: 'short',
          links: rowLinks.root,
        }),
        table({
          title: 'Active alarms',
          description: 'The last state of each alarm.',
          query: selectFrom(
            lastAlarms,
            Object.fromEntries(
              ['element', 'interface', 'type', 'severity', 'text'].map((name) => [name, quoted(name)]),
            ),
            { within: false, where: [`${quoted('active')} = 1`] },
          ),
          unit: 'short',
          links: rowLinks.element,
        }),
        timeSeries({
          title: 'Alarm changes',
          description: 'Alarms raised or changed, by severity.',
          queries: {
            $tag_severity: select('alarm', {
              columns: ({ sum }) => ({ alarms: sum('active') }),
              where: { element: oneOf('element') },
              every: everyPixel,
              by: ['severity'],
            }),
          },
          unit: 'short',
        }),
        table({
          title: 'History of alarms',
          description: 'Every raise, change and clear in the range, latest first.',
          query: select('alarm', {
            columns: ({ tag, field }) => ({
              element: tag('element'),
              interface: tag('interface'),
              type: tag('type'),
              severity: tag('severity'),
              active: field('active'),
              text: field('text'),
            }),
            where: { element: oneOf('element') },
            tail: 'ORDER BY time DESC LIMIT 200',
          }),
          unit: 'short',
          links: rowLinks.element,
        }),
      ],
      'Worst paths': [
        table({
          title: 'Loss',
          description: 'Mean over the range, from ICMP.',
          query: worst(
            select('icmp', { columns: ({ mean }) => ({ loss: mean('loss_ratio') }), ...everyPath }),
            'loss',
            'element',
          ),
          unit: 'percentunit',
          limits: limits.loss,
          coloured: ['loss'],
          width: 8,
          links: rowLinks.element,
        }),
        table({
          title: 'Latency',
          description: '95th percentile of the round-trip time over the range, from ICMP.',
          query: worst(
            select('icmp', { columns: ({ p95 }) => ({ rtt: p95('rtt_avg_ms') }), ...everyPath }),
            'rtt',
            'element',
          ),
          unit: 'ms',
          limits: limits.roundTripMs,
          coloured: ['rtt'],
          width: 8,
          links: rowLinks.element,
        }),
        table({
          title: 'Utilisation',
          description: 'Mean traffic sent divided by the capacity, over the range.',
          query: worst(
            select('interface', {
              columns: ({ ratio }) => ({ utilisation: ratio('out_bps', 'speed_bps') }),
              ...everyInterface,
            }),
            'utilisation',
            'element',
            'interface',
          ),
          unit: 'percentunit',
          limits: limits.utilisation,
          coloured: ['utilisation'],
          width: 8,
          links: rowLinks.interface,
        }),
        timeSeries({
          title: 'Loss by element',
          description: 'Echo requests without a reply in time.',
          queries: {
            $tag_element: select('icmp', {
              columns: ({ mean }) => ({ loss: mean('loss_ratio') }),
              ...everyPath,
              every: everyPixel,
            }),
          },
          unit: 'percentunit',
          limits: limits.loss,
          links: seriesLinks.element,
        }),
        timeSeries({
          title: 'Round-trip time by element',
          description: 'Mean of the replies.',
          queries: {
            $tag_element: select('icmp', {
              columns: ({ mean }) => ({ rtt: mean('rtt_avg_ms') }),
              ...everyPath,
              every: everyPixel,
            }),
          },
          unit: 'ms',
          limits: limits.roundTripMs,
          links: seriesLinks.element,
        }),
      ],
    },
  })
