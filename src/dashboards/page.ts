import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { equals, placeholder, select, tagValues } from './influxql.ts'
import { datasource } from './panels.ts'

/** Uids are part of every link to a dashboard, so they never change. */
export const uids = {
  noc: 'faultline-noc',
  element: 'faultline-element',
  interface: 'faultline-interface',
  peakHour: 'faultline-peak-hour',
} as const

interface Page {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly from: string
  readonly variables: readonly Builder<VariableModel>[]
  /** Title of a row → its panels, from left to right. */
  readonly rows: Readonly<Record<string, readonly Builder<Panel>[]>>
}

/** A dashboard with what all of them share: data source variable, incidents as annotations, links to the others. */
export function page({ uid, title, description, from, variables, rows }: Page): Dashboard {
  const builder = new DashboardBuilder(`Faultline: ${title}`)
    .uid(uid)
    .description(description)
    .tags(['faultline'])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh('1m')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type('influxdb')
        .current({ text: 'Faultline', value: 'faultline' }),
    )
    .annotation(incidents)
    .link(
      new DashboardLinkBuilder('Faultline')
        .type(DashboardLinkType.Dashboards)
        .tags(['faultline'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
  for (const variable of variables) builder.withVariable(variable)
  // Numbered here: Grafana would number them at each load, and a link to a panel holds its number.
  let id = 0
  const numbered = <T extends object>(made: Builder<T>) => ({ build: () => ({ ...made.build(), id: ++id }) })
  for (const [name, panels] of Object.entries(rows)) {
    builder.withRow(numbered(new RowBuilder(name)))
    for (const panel of panels) builder.withPanel(numbered(panel))
  }
  return builder.build()
}

const incidents: Builder<AnnotationQuery> = {
  build: () => {
    const target = {
      _implementsDataqueryVariant() {},
      refId: 'incidents',
      queryType: 'tags',
      fromAnnotations: true,
      rawQuery: true,
      query: select('incident', {
        columns: ({ field, tag }) => ({
          text: field('text'),
          severity: tag('severity'),
          state: tag('state'),
        }),
      }),
      textColumn: 'text',
      tagsColumn: 'severity,state',
    }
    return { name: 'Incidents', datasource, enable: true, iconColor: 'red', target }
  },
}

const picked = (name: string, label: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)

/** One element, of those that were ever measured. */
export const elementVariable = () => picked('element', 'Element', tagValues('icmp', 'element'))

/** Any number of elements, all at first. */
export const elementsVariable = () =>
  elementVariable()
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] })

/** One interface of the chosen element. */
export const interfaceVariable = () =>
  picked('interface', 'Interface', tagValues('interface', 'interface', { element: equals('element') }))

/** Links keep the range of time, and name the element or interface of the value that was clicked. */
const link = (title: string, uid: string, parameters: Readonly<Record<string, string>>) => {
  const query = Object.entries(parameters).map(([name, value]) => `var-${name}=${value}`)
  return new DashboardLinkBuilder(title).url(
    `/d/${uid}?${[...query, placeholder('__url_time_range')].join('&')}`,
  )
}

/** From a time series grouped by element (and interface), whose tags are labels. */
export const seriesLinks = {
  element: [link('Element', uids.element, { element: placeholder('__field.labels.element') })],
  interface: [
    link('Interface', uids.interface, {
      element: placeholder('__field.labels.element'),
      interface: placeholder('__field.labels.interface'),
    }),
  ],
}

/** From a row of a table with a column of that name. */
export const rowLinks = {
  element: [link('Element', uids.element, { element: placeholder('__data.fields.element') })],
  root: [link('Element', uids.element, { element: placeholder('__data.fields.root') })],
  interface: [
    link('Interface', uids.interface, {
      element: placeholder('__data.fields.element'),
      interface: placeholder('__data.fields.interface'),
    }),
  ],
}
