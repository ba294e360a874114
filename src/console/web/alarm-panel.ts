import type { AlarmView } from '../../api/views/alarm-schemas.ts'
import { actOnAlarm } from './api-client.ts'
import { chip } from './chip.ts'
import { h } from './dom.ts'
import { clockTime, duration } from './format.ts'
import { t, tr, type Word } from './words.ts'

export interface AlarmPanelState {
  /** Active ones, raised last first. */
  readonly alarms: readonly AlarmView[]
  /** The one that is unfolded. */
  readonly chosen: string | undefined
  readonly mayAct: boolean
}

export interface AlarmPanelActions {
  readonly choose: (id: string | undefined) => void
  readonly changed: () => void
  readonly failed: (error: unknown) => void
}

const worstFirst = ['critical', 'major', 'minor', 'warning', 'indeterminate']

/** What nobody has seen and nobody put aside first, the worst of it on top. */
const byNeed = (one: AlarmView, other: AlarmView): number =>
  Number(one.shelved !== undefined) - Number(other.shelved !== undefined) ||
  Number(one.acknowledged !== undefined) - Number(other.acknowledged !== undefined) ||
  worstFirst.indexOf(one.severity) - worstFirst.indexOf(other.severity)

/** Four hours; who wants another time types it. */
const usualShelfMinutes = 240

function summary(alarm: AlarmView, isChosen: boolean, choose: () => void): Node {
  const { acknowledged, shelved, phase } = alarm
  return h(
    'button',
    {
      type: 'button',
      class: 'report-summary',
      'aria-expanded': String(isChosen),
      'data-alarm': alarm.id,
      click: choose,
    },
    h(
      'span',
      { class: 'incident-line' },
      h('strong', {}, alarm.text),
      chip(tr(alarm.severity), `sev-${alarm.severity}`),
      phase !== undefined && phase !== 'raised' && chip(tr(phase), phase === 'flapping' ? 'chip-warn' : ''),
      alarm.indeterminate && chip(t('noDataNow'), 'chip-warn'),
      acknowledged &&
        chip(t('acknowledged'), 'chip-good', `${acknowledged.by}, ${clockTime(acknowledged.at)}`),
      shelved && chip(`${t('shelved')} ${t('until')} ${clockTime(shelved.until)}`, '', shelved.reason),
      alarm.maintenance !== undefined && chip(t('planned'), 'chip-planned'),
    ),
    h(
      'span',
      { class: 'quiet' },
      `${alarm.about === 'system' ? 'Faultline' : alarm.elementName} · ${clockTime(alarm.onsetAt)} · ${t('lasted')} ${duration(Date.now() - Date.parse(alarm.onsetAt))}`,
    ),
  )
}

function actions(alarm: AlarmView, then: AlarmPanelActions): Node {
  const act = (action: string, body?: object) =>
    actOnAlarm(alarm, action, body).then(then.changed, then.failed)
  const button = (word: Word, action: string, tone = '') =>
    h('button', { type: 'button', class: tone, click: () => act(action) }, t(word))
  const minutes = h('input', {
    type: 'number',
    min: 1,
    max: 10_080,
    value: usualShelfMinutes,
    'aria-label': t('minutes'),
  })
  const reason = h('input', {
    type: 'text',
    maxlength: 500,
    required: true,
    placeholder: t('shelfReason'),
    'aria-label': t('shelfReason'),
  })
  const shelve = (event: Event) => {
    event.preventDefault()
    const until = new Date(Date.now() + minutes.valueAsNumber * 60_000).toISOString()
    act('shelve', { until, reason: reason.value })
  }
  return h(
    'div',
    { class: 'actions' },
    alarm.acknowledged
      ? button('unacknowledge', 'unacknowledge')
      : button('acknowledge', 'acknowledge', 'primary'),
    alarm.shelved
      ? button('unshelve', 'unshelve')
      : h(
          'form',
          { submit: shelve },
          reason,
          minutes,
          h('button', { type: 'submit' }, `${t('shelve')} (${t('minutes')})`),
        ),
  )
}

function details(alarm: AlarmView, mayAct: boolean, then: AlarmPanelActions): Node {
  const rows: readonly (readonly [Word, string | undefined])[] = [
    ['acknowledgedBy', alarm.acknowledged && `${alarm.acknowledged.by}, ${clockTime(alarm.acknowledged.at)}`],
    [
      'shelved',
      alarm.shelved && `${alarm.shelved.reason ?? ''} (${alarm.shelved.by}, ${clockTime(alarm.shelved.at)})`,
    ],
    ['rule', alarm.rule],
    ['probableCause', `${alarm.eventType}, ${alarm.probableCause}`],
  ]
  return h(
    'div',
    { class: 'report-details' },
    h(
      'ul',
      { class: 'standing' },
      rows.flatMap(([word, text]) =>
        text === undefined ? [] : [h('li', {}, h('span', { class: 'quiet' }, `${t(word)} `), text)],
      ),
    ),
    mayAct && actions(alarm, then),
  )
}

/** What is wrong now, with the network and with Faultline itself, and what people did about it. */
export function drawAlarms(state: AlarmPanelState, then: AlarmPanelActions): readonly Node[] {
  if (state.alarms.length === 0) return [h('p', { class: 'empty' }, t('noAlarms'))]
  return state.alarms.toSorted(byNeed).map((alarm) => {
    const isChosen = alarm.id === state.chosen
    return h(
      'article',
      { class: `incident sev-edge-${alarm.shelved ? 'over' : alarm.severity}`, 'data-phase': alarm.phase },
      summary(alarm, isChosen, () => then.choose(isChosen ? undefined : alarm.id)),
      isChosen ? details(alarm, state.mayAct, then) : '',
    )
  })
}
