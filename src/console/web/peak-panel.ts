import type { KpiView } from '../../api/views/peak-experience-schemas.ts'
import { h } from './dom.ts'
import { t, tr } from './words.ts'

type Peak = KpiView['peakGood']
type Counts = Peak['total']

const tones = { met: 'chip-good', missed: 'chip-bad', insufficient: 'chip-warn' } as const
const states = { met: 'goalMet', missed: 'goalMissed', insufficient: 'tooLittleData' } as const
/** Services that are named, and days that are listed. */
const mostServices = 5
const mostDays = 7

/** Rounded down: 94.96 % is not the 95 % that was promised. */
const percent = (ratio: number | undefined): string =>
  ratio === undefined ? '–' : `${(Math.floor(ratio * 1_000) / 10).toFixed(1)} %`

/** Whether services were good at the peak of the last days, how much of it was measured, and which were not. */
export function drawPeak(kpi: KpiView | undefined): readonly Node[] {
  if (kpi === undefined) return []
  const { target, state, total, byDay, worst } = kpi.peakGood
  const days = total.good + total.bad + total.insufficient + total.planned
  if (days === 0) return [h('p', { class: 'empty' }, t('noPeakYet'))]
  const cells = (counts: Counts) => [
    h('td', { class: 'narrow' }, percent(counts.share)),
    ...[counts.good, counts.bad, counts.insufficient, counts.planned].map((count) =>
      h('td', { class: 'narrow' }, count),
    ),
  ]
  const head = ['', t('share'), t('good'), t('bad'), t('tooLittleData'), t('plannedWork')]
  return [
    h(
      'p',
      { 'data-peak': state },
      h('strong', {}, percent(total.share)),
      ` ${t('goodAtPeak')} `,
      h('span', { class: `chip ${tones[state]}` }, `${t(states[state])} (${percent(target)})`),
    ),
    h('p', { class: 'quiet' }, `${percent(total.coverage)} ${t('measuredEnough')}`),
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...head.map((text) => h('th', {}, text)))),
      h(
        'tbody',
        {},
        byDay
          .slice(-mostDays)
          .map((day) =>
            h('tr', { 'data-day': day.name }, h('td', { class: 'narrow' }, day.name), ...cells(day)),
          ),
      ),
    ),
    ...(worst.length === 0 ? [] : [drawWorst(worst.slice(0, mostServices))]),
  ]
}

const drawWorst = (worst: Peak['worst']): Node =>
  h(
    'table',
    {},
    h(
      'tbody',
      {},
      worst.map(({ service, bad, insufficient, missed }) =>
        h(
          'tr',
          { 'data-peak-service': service },
          h('td', {}, service),
          h('td', { class: 'narrow' }, bad > 0 ? `${bad} ${t('badDays')}` : ''),
          h('td', {}, wordsFor(missed, insufficient)),
        ),
      ),
    ),
  )

const wordsFor = (missed: Peak['worst'][number]['missed'], insufficient: number): string =>
  [
    ...Object.entries(missed)
      .filter(([, count]) => count > 0)
      .map(([limit, count]) => `${tr(limitWords[limit] ?? limit)} ${count}`),
    ...(insufficient > 0 ? [`${t('tooLittleData')} ${insufficient}`] : []),
  ].join(', ')

const limitWords: Readonly<Record<string, string>> = {
  latency: 'limitLatency',
  loss: 'limitLoss',
  jitter: 'limitJitter',
  utilisation: 'limitUtilisation',
}
