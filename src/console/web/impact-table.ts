import type { ImpactRow } from '../../api/views/impact-schemas.ts'
import { chip } from './chip.ts'
import { h } from './dom.ts'
import { t } from './words.ts'

const stateChip = (state: ImpactRow['now']) =>
  state === undefined ? chip(t('fine'), 'chip-good') : chip(t(state), `impact-${state}`)

const impactRow = (row: ImpactRow) =>
  h(
    'tr',
    { 'data-service': row.service },
    h('td', { class: 'narrow' }, row.service),
    h('td', {}, row.customerName ?? row.customer),
    h('td', {}, stateChip(row.now), row.planned !== undefined && chip(t('planned'), 'chip-planned')),
    h('td', {}, stateChip(row.worst)),
  )

const impactTable = (rows: readonly ImpactRow[]) =>
  h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        [t('service'), t('customer'), t('now'), t('worst')].map((word) => h('th', {}, word)),
      ),
    ),
    h('tbody', {}, rows.map(impactRow)),
  )

/** The worst rows are enough to see what it is about; the rest unfolds. */
const shownAtOnce = 6

/** The services that an incident hit, as a table. */
export function impactList(rows: readonly ImpactRow[]): readonly Node[] {
  const rest = rows.slice(shownAtOnce)
  return [
    impactTable(rows.slice(0, shownAtOnce)),
    ...(rest.length === 0
      ? []
      : [h('details', { class: 'more-impact' }, h('summary', {}, `+ ${rest.length}`), impactTable(rest))]),
  ]
}
