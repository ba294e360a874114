import { dashboards } from '../../src/dashboards/generate.ts'

export interface GrafanaQuery {
  readonly dashboard: string
  readonly what: string
  readonly query: string
}

interface DashboardJson {
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly query: string }[]
  }[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[]
  }
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly target: { readonly query: string } }[]
  }
}

/** Every InfluxQL statement in the dashboards: of panels, of variables, of annotations. */
export function grafanaQueries(): readonly GrafanaQuery[] {
  const pages = dashboards() as Readonly<Record<string, DashboardJson>>
  return Object.entries(pages).flatMap(([dashboard, { panels, templating, annotations }]) => [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ query }, i) => ({ dashboard, what: `panel "${title}", query ${i + 1}`, query })),
    ),
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({ dashboard, what: `variable ${name}`, query })),
    ...annotations.list.map(({ name, target }) => ({
      dashboard,
      what: `annotation ${name}`,
      query: target.query,
    })),
  ])
}

/** The statement as Grafana sends it. Throws when a variable is left that nothing fills. */
export function filledIn(query: string, variables: Readonly<Record<string, string>>): string {
  const filled = query.replace(/\$\{(\w+):(\w+)\}|\$(\w+)/g, (whole, name, format, macro) => {
    const value = variables[name ?? macro]
    if (value === undefined) throw new Error(`nothing fills ${whole} in ${query}`)
    if (format === 'singlequote') return `'${value.replaceAll("'", "\\'")}'`
    return value
  })
  return filled
}
