import type { NotificationView } from '../../api/views/notification-schemas.ts'
import { h } from './dom.ts'
import { clockTime } from './format.ts'
import { t, tr } from './words.ts'

const tone = (state: NotificationView['state']) =>
  state === 'sent' || state === 'delivered'
    ? 'chip-good'
    : state === 'failed' || state === 'uncertain'
      ? 'chip-bad'
      : state === 'queued' || state === 'sending'
        ? 'chip-warn'
        : ''

/** The ledger: who was told what, and what became of it. */
export function drawMessages(messages: readonly NotificationView[]): readonly Node[] {
  if (messages.length === 0) return [h('p', { class: 'empty' }, t('noMessages'))]
  const row = (message: NotificationView) =>
    h(
      'tr',
      { 'data-kind': message.kind, 'data-state': message.state },
      h('td', { class: 'narrow' }, clockTime(message.sentAt ?? message.queuedAt)),
      h('td', {}, message.customerName ?? message.customer),
      h('td', { class: 'narrow' }, tr(message.kind)),
      h(
        'td',
        {},
        h(
          'span',
          {
            class: `chip ${tone(message.state)}`,
            title: [message.channel, message.reason].filter(Boolean).join(': '),
          },
          tr(message.state),
        ),
      ),
    )
  return [h('table', {}, h('tbody', {}, messages.map(row)))]
}
