import type { IncidentDetail, IncidentView } from '../../api/views/incident-schemas.ts'
import { chip } from './chip.ts'
import { h } from './dom.ts'
import { clockTime, duration, withLocalTimes } from './format.ts'
import { impactList } from './impact-table.ts'
import { type IncidentActions, incidentActions, isOver } from './incident-actions.ts'
import { reasonsOf } from './match-reasons.ts'
import { t, tr, type Word } from './words.ts'

export interface IncidentPanelState {
  readonly incidents: readonly IncidentView[]
  /** The one that is unfolded. */
  readonly chosen: IncidentDetail | undefined
  readonly mayAct: boolean
}

export interface IncidentPanelActions extends IncidentActions {
  readonly choose: (id: string | undefined) => void
}

function summary(one: IncidentView, chosen: boolean, choose: () => void): Node {
  const endedAt = one.restoredAt ?? one.resolvedAt
  const until = endedAt === undefined ? Date.now() : Date.parse(endedAt)
  const hurt = isOver(one) ? one.impactEver : one.impactNow
  const parts = (['down', 'degraded', 'atRisk'] as const).flatMap((state) =>
    hurt[state] > 0 ? [`${hurt[state]} ${t(state)}`] : [],
  )
  return h(
    'button',
    {
      type: 'button',
      class: 'incident-summary',
      'aria-expanded': String(chosen),
      'data-incident': one.id,
      click: choose,
    },
    h(
      'span',
      { class: 'incident-line' },
      h('strong', {}, one.roots.map((root) => root.text).join(', ') || tr(one.kind)),
      chip(tr(one.kind), `sev-${one.severity}`),
      one.planned !== undefined && chip(t('planned'), 'chip-planned'),
      chip(
        one.restoredAt !== undefined && !isOver(one) ? t('restored') : tr(one.state),
        isOver(one) ? '' : 'chip-warn',
      ),
    ),
    h(
      'span',
      { class: 'quiet' },
      `${clockTime(one.onsetAt)} · ${t('lasted')} ${duration(until - Date.parse(one.onsetAt))}`,
      parts.length > 0 &&
        ` · ${t('services')}: ${parts.join(', ')} · ${hurt.customers} ${t('customers')} · ${t('weight')} ${hurt.weight}`,
    ),
  )
}

function times(one: IncidentDetail): Node {
  const rows: readonly (readonly [Word, string | undefined])[] = [
    ['onset', one.onsetAt],
    ['detected', one.detectedAt],
    ['firstReport', one.firstReportAt],
    ['firstMessage', one.firstMessageAt],
    ['restored', one.restoredAt],
    ['eta', one.etaAt],
  ]
  return h(
    'dl',
    { class: 'times' },
    rows.map(([word, at]) =>
      h('div', {}, h('dt', {}, t(word)), h('dd', {}, at === undefined ? '—' : clockTime(at))),
    ),
  )
}

/** Who has it, what it waits for, and what it was or became a part of. */
function standing(one: IncidentDetail): Node {
  const rows: readonly (readonly [Word, string | undefined])[] = [
    ['acknowledgedBy', one.acknowledged && `${one.acknowledged.by}, ${clockTime(one.acknowledged.at)}`],
    ['assignee', one.assignee],
    ['heldFor', one.hold && `${one.hold.reason ?? ''} (${one.hold.by}, ${clockTime(one.hold.at)})`],
    ['reopenedFor', one.reopened && `${one.reopened.reason ?? ''} (${one.reopened.by})`],
    ['planned', one.planned],
    ['splitFrom', one.splitFrom],
    ['mergedInto', one.mergedInto],
  ]
  return h(
    'ul',
    { class: 'standing' },
    rows.flatMap(([word, text]) =>
      text === undefined ? [] : [h('li', {}, h('span', { class: 'quiet' }, `${t(word)} `), text)],
    ),
  )
}

function details(one: IncidentDetail, mayAct: boolean, then: IncidentPanelActions): Node {
  const section = (title: string, ...content: readonly (Node | string)[]) =>
    h('section', {}, h('h3', {}, title), ...content)
  return h(
    'div',
    { class: 'incident-details' },
    times(one),
    standing(one),
    section(
      t('rootCause'),
      h('p', { class: 'root' }, one.roots.map((root) => root.text).join('; ')),
      h(
        'ul',
        { class: 'why' },
        one.explanation.map((sentence) => h('li', {}, withLocalTimes(sentence))),
      ),
    ),
    one.shadowed.length > 0 ? section(t('hidden'), h('p', {}, one.shadowed.join(', '))) : '',
    one.impact.length > 0 ? section(`${t('impact')} (${one.impact.length})`, ...impactList(one.impact)) : '',
    one.reports.length > 0
      ? section(
          t('reports'),
          ...one.reports.map((report) =>
            h(
              'div',
              { class: 'matched-report' },
              h('strong', {}, report.customerName ?? report.customer),
              ` · ${report.symptom === 'loss' || report.symptom === 'latency' ? t(`${report.symptom}Symptom`) : tr(report.symptom)} · ${tr(report.match.state)} · ${t('score')} ${report.match.score.toFixed(2)}`,
              reasonsOf(report.match),
            ),
          ),
        )
      : '',
    mayAct && one.state !== 'closed' ? incidentActions(one, then) : '',
    h(
      'details',
      { class: 'whole-log' },
      h('summary', {}, `${t('log')} (${one.log.length})`),
      h(
        'ol',
        { class: 'log' },
        one.log.map((row) =>
          h('li', {}, h('time', {}, clockTime(row.at)), h('span', { class: 'quiet' }, row.actor), row.text),
        ),
      ),
    ),
  )
}

export function drawIncidents(state: IncidentPanelState, then: IncidentPanelActions): readonly Node[] {
  if (state.incidents.length === 0) return [h('p', { class: 'empty' }, t('noIncidents'))]
  return state.incidents.map((one) => {
    const chosen = state.chosen?.id === one.id
    return h(
      'article',
      { class: `incident sev-edge-${isOver(one) ? 'over' : one.severity}` },
      summary(one, chosen, () => then.choose(chosen ? undefined : one.id)),
      chosen && state.chosen ? details(state.chosen, state.mayAct, then) : '',
    )
  })
}
