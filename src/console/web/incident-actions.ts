import type { IncidentDetail, IncidentView } from '../../api/views/incident-schemas.ts'
import { actOnIncident } from './api-client.ts'
import { h } from './dom.ts'
import { t, type Word } from './words.ts'

/** Told what came of an action. */
export interface IncidentActions {
  readonly changed: () => void
  readonly failed: (error: unknown) => void
}

export const isOver = (one: IncidentView) => one.state === 'resolved' || one.state === 'closed'

/** What a person may do with an incident in its state. */
export function incidentActions(one: IncidentDetail, then: IncidentActions): Node {
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
