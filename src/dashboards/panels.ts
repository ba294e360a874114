import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DashboardLinkBuilder,
  type DynamicConfigValue,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { leastPeakCoverage, peakTarget } from '../model/peak-experience.ts'
import { placeholder } from './influxql.ts'

/** The data source that a reader picked; provisioning makes one with uid `faultline`. */
export const datasource = { type: 'influxdb', uid: placeholder('datasource') }

/** Where a value turns from good to bad. Colours are Grafana's names. */
export interface Limits {
  readonly warn: number
  /** Below `warn` where little is bad. */
  readonly bad: number
}

export const limits = {
  loss: { warn: 0.01, bad: 0.05 },
  utilisation: { warn: 0.7, bad: 0.9 },
  roundTripMs: { warn: 100, bad: 250 },
  open: { warn: 1, bad: 5 },
  /** The target, and where it is far. */
  good: { warn: peakTarget, bad: 0.9 },
  measured: { warn: leastPeakCoverage, bad: 0.5 },
} as const satisfies Record<string, Limits>

interface PanelSettings {
  readonly title: string
  readonly description: string
  /** Statement by the name that a reader sees; in time series `$tag_x` is replaced by the value of that tag. */
  readonly queries: Readonly<Record<string, string>>
  readonly unit: string
  readonly limits?: Limits
  readonly max?: number
  /** Where a click on a value leads; see `links.ts`. */
  readonly links?: readonly Builder<DashboardLink>[]
  /** Width in 24ths of the page, and height in rows of 30 pixels. */
  readonly width?: number
  readonly height?: number
}

type DashboardLink = ReturnType<DashboardLinkBuilder['build']>

/** A query in the form of Grafana's InfluxDB data source, InfluxQL in text mode. */
const influxQuery = (
  refId: string,
  query: string,
  alias: string,
  resultFormat: string,
): Builder<Dataquery> => {
  const target = {
    _implementsDataqueryVariant() {},
    refId,
    datasource,
    query,
    rawQuery: true,
    resultFormat,
    ...(alias === '' ? {} : { alias }),
  }
  return { build: () => target }
}

const targets = (queries: PanelSettings['queries'], resultFormat: 'time_series' | 'table') =>
  Object.entries(queries).map(([alias, query], i) =>
    influxQuery(String.fromCharCode(65 + i), query, resultFormat === 'table' ? '' : alias, resultFormat),
  )

const thresholds = ({ warn, bad }: Limits) =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(
    bad > warn
      ? [
          { value: null, color: 'green' },
          { value: warn, color: 'orange' },
          { value: bad, color: 'red' },
        ]
      : [
          { value: null, color: 'red' },
          { value: bad, color: 'orange' },
          { value: warn, color: 'green' },
        ],
  )

export function timeSeries(settings: PanelSettings): Builder<Panel> {
  const panel = new TimeSeriesBuilder()
    .title(settings.title)
    .description(settings.description)
    .datasource(datasource)
    .targets(targets(settings.queries, 'time_series'))
    .unit(settings.unit)
    .min(0)
    .span(settings.width ?? 12)
    .height(settings.height ?? 8)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Never)
    // A gap is a gap: no line is drawn over what was not measured.
    .spanNulls(false)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .dataLinks([...(settings.links ?? [])])
  if (settings.max !== undefined) panel.max(settings.max)
  if (settings.limits === undefined) return panel
  return panel
    .thresholds(thresholds(settings.limits))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
}

/** One number, or one a series: the last value of each. */
export function stat(settings: PanelSettings): Builder<Panel> {
  const panel = new StatBuilder()
    .title(settings.title)
    .description(settings.description)
    .datasource(datasource)
    .targets(targets(settings.queries, 'time_series'))
    .unit(settings.unit)
    .span(settings.width ?? 4)
    .height(settings.height ?? 4)
    .noValue('–')
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .dataLinks([...(settings.links ?? [])])
  return settings.limits === undefined ? panel : panel.thresholds(thresholds(settings.limits))
}

interface TableSettings extends Omit<PanelSettings, 'queries'> {
  readonly query: string
  /** Columns that are not in the panel's unit. */
  readonly units?: Readonly<Record<string, string>>
  /** Columns coloured by the limits. */
  readonly coloured?: readonly string[]
}

export function table(settings: TableSettings): Builder<Panel> {
  const panel = new TableBuilder()
    .title(settings.title)
    .description(settings.description)
    .datasource(datasource)
    .targets(targets({ rows: settings.query }, 'table'))
    .unit(settings.unit)
    .span(settings.width ?? 12)
    .height(settings.height ?? 8)
    .dataLinks([...(settings.links ?? [])])
  if (settings.limits !== undefined) panel.thresholds(thresholds(settings.limits))
  for (const [column, unit] of Object.entries(settings.units ?? {}))
    panel.overrideByName(column, [{ id: 'unit', value: unit }])
  for (const column of settings.coloured ?? []) panel.overrideByName(column, colouredCell)
  return panel
}

const colouredCell: DynamicConfigValue[] = [{ id: 'custom.cellOptions', value: { type: 'color-text' } }]
