import type { IncidentView } from '../../api/views/incident-schemas.ts'
import type { TopologyView } from '../../api/views/network-schemas.ts'
import type { ReadinessView } from '../../api/views/readiness-schemas.ts'
import { h } from './dom.ts'
import { currentLanguage, t, useLanguage } from './words.ts'

export interface BarState {
  readonly topology: TopologyView | undefined
  readonly incidents: readonly IncidentView[]
  readonly readiness: ReadinessView | undefined
  readonly live: boolean
  readonly demo: boolean
}

const figure = (value: number, label: string, tone: string) =>
  h('div', { class: `figure ${value > 0 ? tone : ''}` }, h('strong', {}, value), h('span', {}, label))

/** The line that is read from across the room. */
export function drawBar(state: BarState, redraw: () => void): readonly Node[] {
  const nodes = (state.topology?.nodes ?? []).filter((node) => node.id !== state.topology?.vantage)
  const count = (reach: string) => nodes.filter((node) => node.reach === reach).length
  const open = state.incidents.filter((one) => one.state !== 'resolved' && one.state !== 'closed')
  const affected = open.reduce((sum, one) => sum + one.impactNow.customers, 0)
  const readiness = state.readiness?.state
  const word =
    readiness === 'ready' ? t('ready') : readiness === 'degraded' ? t('degradedReady') : t('notReady')
  const failing = state.readiness?.checks
    .filter((check) => !check.ok)
    .map((check) => `${check.name}: ${check.text}`)
  const other = currentLanguage() === 'zh' ? 'en' : 'zh'
  return [
    h(
      'div',
      { class: 'brand' },
      h('img', { src: 'assets/faultline.svg', alt: '', width: 28, height: 28 }),
      h('h1', {}, 'Faultline'),
      state.demo && h('span', { class: 'chip chip-demo' }, 'DEMO'),
    ),
    h(
      'div',
      { class: 'figures' },
      figure(count('answering'), t('answering'), 'good'),
      figure(count('dark') + count('missing'), t('dark'), 'bad'),
      figure(open.length, t('openIncidents'), 'bad'),
      figure(affected, t('customersAffected'), 'bad'),
    ),
    h(
      'div',
      { class: 'tools' },
      h(
        'span',
        {
          class: `chip ${readiness === 'ready' ? 'chip-good' : 'chip-warn'}`,
          title: failing?.join('\n') ?? '',
        },
        word,
      ),
      h(
        'span',
        { class: `chip ${state.live ? 'chip-good' : 'chip-warn'}` },
        state.live ? t('live') : t('offline'),
      ),
      h(
        'button',
        {
          type: 'button',
          id: 'language',
          click: () => {
            useLanguage(other)
            redraw()
          },
        },
        other === 'zh' ? '中文' : 'English',
      ),
    ),
  ]
}
