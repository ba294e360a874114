import type { MaintenancePreview, MaintenanceWindowView } from '../../api/views/maintenance-schemas.ts'
import { cancelWindow, changeWindow, planWindow, previewWindow } from './api-client.ts'
import { h } from './dom.ts'
import { clockTime, duration } from './format.ts'
import { t, tr, type Word } from './words.ts'

export interface MaintenancePanelActions {
  readonly changed: () => void
  readonly failed: (error: unknown) => void
}

const stateTone = { underway: 'chip-warn', scheduled: '', over: '', cancelled: '' } as const
const stateWord = (state: MaintenanceWindowView['state']) => (state === 'over' ? t('windowOver') : tr(state))
const extendMs = 30 * 60_000

function when({ state, current, next }: MaintenanceWindowView): string {
  if (current) return `${t('until')} ${clockTime(current.endsAt)}`
  const [first] = next
  return first && state === 'scheduled' ? `${clockTime(first.startsAt)} – ${clockTime(first.endsAt)}` : ''
}

function row(window: MaintenanceWindowView, mayAct: boolean, then: MaintenancePanelActions): Node {
  const act = (work: Promise<unknown>) => work.then(then.changed, then.failed)
  const { current } = window
  const button = (word: Word, work: () => Promise<unknown>) =>
    h('button', { type: 'button', click: () => act(work()) }, t(word))
  const later = (end: string) => new Date(Date.parse(end) + extendMs).toISOString()
  return h(
    'article',
    { class: 'window', 'data-window': window.id, 'data-state': window.state },
    h(
      'p',
      { class: 'incident-line' },
      h('strong', {}, window.title ?? t('plannedWork')),
      h('span', { class: `chip ${stateTone[window.state]}` }, stateWord(window.state)),
      window.recurrence && h('span', { class: 'chip', title: window.recurrence.rule }, t('recurring')),
    ),
    h(
      'p',
      { class: 'quiet' },
      `${when(window)} · ${duration(window.durationMs)} · ${window.elements.join(', ')}`,
      window.includeDownstream && ` ${t('andBehind')}`,
      ` · ${window.createdBy}`,
    ),
    window.description !== undefined && h('p', { class: 'quiet' }, window.description),
    mayAct &&
      h(
        'div',
        { class: 'actions' },
        current && [
          button('endNow', () => changeWindow(window, { endsAt: 'now' })),
          button('extend', () => changeWindow(window, { endsAt: later(current.endsAt) })),
        ],
        (!current || window.recurrence) && button('cancelWindow', () => cancelWindow(window)),
      ),
  )
}

/** The windows that are under way or yet to come. */
export function drawMaintenance(
  windows: readonly MaintenanceWindowView[],
  mayAct: boolean,
  then: MaintenancePanelActions,
): readonly Node[] {
  if (windows.length === 0) return [h('p', { class: 'empty' }, t('noMaintenance'))]
  return windows.map((window) => row(window, mayAct, then))
}

const rules = {
  once: undefined,
  daily: 'FREQ=DAILY',
  weekly: 'FREQ=WEEKLY',
  monthly: 'FREQ=MONTHLY',
} as const
const repeats = ['once', 'daily', 'weekly', 'monthly'] as const

/** What a `datetime-local` field holds: the local time without its zone. */
const localTime = (at: number): string => {
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - offsetMs).toISOString().slice(0, 16)
}

const coveredText = ({ covered, next }: MaintenancePreview): string =>
  [
    `${covered.elementCount} ${t('elementsCovered')}`,
    `${covered.serviceCount} ${t('services')}`,
    `${covered.customerCount} ${t('customers')}`,
    next
      .slice(0, 3)
      .map(({ startsAt }) => clockTime(startsAt))
      .join(', '),
  ].join(' · ')

/** Plans a window: shows first when it takes place and what it covers, if asked. */
export function maintenanceForm(element: string | undefined, then: MaintenancePanelActions): HTMLElement {
  const title = h('input', { name: 'title', required: true, maxlength: 200 })
  const elements = h('input', {
    name: 'elements',
    required: true,
    value: element ?? '',
    placeholder: 'agg1, acc2',
  })
  const soon = Math.ceil(Date.now() / 300_000) * 300_000
  const start = h('input', { name: 'start', type: 'datetime-local', required: true, value: localTime(soon) })
  const minutes = h('input', { name: 'minutes', type: 'number', min: 1, max: 44_640, value: 120 })
  const repeat = h(
    'select',
    { name: 'repeat' },
    repeats.map((value) => h('option', { value }, t(value))),
  )
  const downstream = h('input', { name: 'downstream', type: 'checkbox', checked: true })
  const preview = h('p', { class: 'quiet preview', role: 'status' })
  const plan = () => {
    const rule = rules[repeats.find((one) => one === repeat.value) ?? 'once']
    return {
      title: title.value.trim(),
      elements: elements.value.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()])),
      includeDownstream: downstream.checked,
      start: new Date(start.value).toISOString(),
      duration: `${minutes.valueAsNumber}m`,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(rule === undefined ? {} : { recurrence: { rule } }),
    }
  }
  const look = () => {
    previewWindow(plan()).then((found) => {
      preview.textContent = coveredText(found)
    }, then.failed)
  }
  return h(
    'form',
    {
      class: 'report-form maintenance-form',
      submit: (event) => {
        event.preventDefault()
        planWindow(plan()).then(then.changed, then.failed)
      },
    },
    h('label', { class: 'wide' }, t('windowTitle'), title),
    h('label', { class: 'wide' }, t('elements'), elements),
    h('label', {}, t('start'), start),
    h('label', {}, t('minutes'), minutes),
    h('label', {}, t('repeats'), repeat),
    h('label', { class: 'check' }, downstream, t('andBehind')),
    h('button', { type: 'button', click: look }, t('preview')),
    h('button', { type: 'submit', class: 'primary' }, t('planWork')),
    preview,
  )
}
