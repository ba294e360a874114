import type { MatchView } from '../../api/views/fault-report-schemas.ts'
import type { ImpactRow } from '../../api/views/impact-schemas.ts'
import type { IncidentDetail, IncidentView } from '../../api/views/incident-schemas.ts'
import { actOnIncident } from './api-client.ts'
import { h } from './dom.ts'
import { clockTime, duration, withLocalTimes } from './format.ts'
import { t, tr, type Word } from './words.ts'

export interface IncidentPanelState {
  readonly incidents: readonly IncidentView[]
  /** The one that is unfolded. */
  readonly chosen: IncidentDetail | undefined
  readonly mayAct: boolean
}

export interface IncidentPanelActions {
  readonly choose: (id: string | undefined) => void
  readonly changed: () => void
  readonly failed: (error: unknown) => void
}

const chip = (text: string, tone = '') => h('span', { class: `chip ${tone}` }, text)
const isOver = (one: IncidentView) => one.state === 'resolved' || one.state === 'closed'

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

function impactList(rows: readonly ImpactRow[]): readonly Node[] {
  const rest = rows.slice(shownAtOnce)
  return [
    impactTable(rows.slice(0, shownAtOnce)),
    ...(rest.length === 0
      ? []
      : [h('details', { class: 'more-impact' }, h('summary', {}, `+ ${rest.length}`), impactTable(rest))]),
  ]
}

/** The rows that make up a score, as a person reads them. */
export function reasonsOf(match: MatchView): Node {
  return h(
    'ul',
    { class: 'reasons' },
    match.reasons.map((reason) =>
      h(
        'li',
        {},
        h(
          'span',
          { class: 'points' },
          `${reason.points >= 0 ? '+' : '−'}${Math.abs(reason.points).toFixed(2)}`,
        ),
        reason.text,
      ),
    ),
  )
}

function actions(one: IncidentDetail, then: IncidentPanelActions): Node {
  const act = (action: string, body?: object) =>
    actOnIncident(one, action, body).then(then.changed, then.failed)
  const minutes = h('input', {
    type: 'number',
    min: 1,
    max: 10_080,
    value: 60,
    'aria-label': t('minutesFromNow'),
  })
  const words = h('input', { type: 'text', maxlength: 2000, 'aria-label': t('noteOrReason') })
  const assignee = h('input', {
    type: 'text',
    maxlength: 128,
    value: one.assignee ?? '',
    'aria-label': t('assignee'),
  })
  const form = (field: HTMLInputElement, send: () => void, ...buttons: readonly (Node | false)[]) =>
    h(
      'form',
      {
        submit: (event) => {
          event.preventDefault()
          send()
        },
      },
      field,
      buttons,
    )
  const submit = (label: string) => h('button', { type: 'submit' }, label)
  const button = (word: Word, click: () => void, tone = '') =>
    h('button', { type: 'button', class: tone, click }, t(word))
  const said = (action: string, key: string) => () => {
    if (words.value.trim() !== '') act(action, { [key]: words.value })
    else words.focus()
  }
  const { state } = one
  const canHold = state === 'acknowledged' || state === 'inProgress'
  return h(
    'div',
    { class: 'actions' },
    state === 'open' && button('acknowledge', () => act('acknowledge'), 'primary'),
    (state === 'open' || state === 'acknowledged') && button('startWork', () => act('start')),
    state === 'held' && button('releaseHold', () => act('release')),
    one.restoredAt !== undefined && !isOver(one) && button('resolve', () => act('resolve')),
    state === 'resolved' && button('close', () => act('close')),
    form(
      words,
      said('note', 'text'),
      submit(t('addNote')),
      canHold && button('holdWork', said('hold', 'reason')),
      state === 'resolved' && button('reopen', said('reopen', 'reason')),
    ),
    form(
      assignee,
      () => act('assign', { assignee: assignee.value.trim() === '' ? null : assignee.value.trim() }),
      submit(t('assign')),
    ),
    !isOver(one) &&
      form(
        minutes,
        () => act('eta', { etaAt: new Date(Date.now() + minutes.valueAsNumber * 60_000).toISOString() }),
        submit(`${t('setEta')} (${t('minutesFromNow')})`),
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
    mayAct && one.state !== 'closed' ? actions(one, then) : '',
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
