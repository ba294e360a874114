import type { AlarmView } from '../../api/views/alarm-schemas.ts'
import type { InterfaceView, TopologyNode } from '../../api/views/network-schemas.ts'
import { samples } from './api-client.ts'
import { drawChart, pointsOf } from './chart.ts'
import { h } from './dom.ts'
import { bitRate, bitRateTick, clockTime } from './format.ts'
import { stateOf } from './network-graph.ts'
import { t } from './words.ts'

export interface ElementPanelState {
  readonly node: TopologyNode
  readonly interfaces: readonly InterfaceView[]
  readonly alarms: readonly AlarmView[]
  readonly port: string | undefined
  readonly rangeMs: number
}

export interface ElementPanelActions {
  readonly choosePort: (port: string) => void
  readonly chooseRange: (ms: number) => void
  readonly failed: (error: unknown) => void
}

const ranges = [
  ['15 min', 15 * 60_000],
  ['1 h', 3_600_000],
  ['6 h', 6 * 3_600_000],
  ['24 h', 24 * 3_600_000],
] as const

/** Two hundred points a line are what a screen can show. */
const stepOf = (rangeMs: number) => Math.max(2_000, Math.ceil(rangeMs / 200 / 1000) * 1000)

async function fillCharts(
  state: ElementPanelState,
  latency: HTMLElement,
  traffic: HTMLElement,
): Promise<void> {
  const to = Date.now()
  const from = to - state.rangeMs
  const step = stepOf(state.rangeMs)
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), step: `${step}ms` }
  const read = (measurement: string, field: string, aggregate: string, extra = {}) =>
    samples({ measurement, field, element: state.node.id, aggregate, ...range, ...extra })
  const axis = { from, to, stepSeconds: step / 1000 }

  const path = async (measurement: string) =>
    Promise.all([read(measurement, 'rtt_avg_ms', 'mean'), read(measurement, 'loss_ratio', 'mean')])
  const answers = await Promise.all([path('stamp'), path('icmp')])
  const [rtt, loss] = answers.find(([view]) => view.series.length > 0) ?? answers[0]
  if (rtt.series.length + loss.series.length > 0) {
    drawChart(
      latency,
      [
        { label: t('rtt'), color: '#4cc2ff', points: pointsOf(rtt), scale: 'left', filled: true },
        { label: t('loss'), color: '#ff5a5f', points: pointsOf(loss, 100), scale: 'right' },
      ],
      {
        ...axis,
        left: (ms) => `${Number(ms.toPrecision(3))} ms`,
        right: (p) => `${Number(p.toPrecision(3))} %`,
      },
    )
  } else latency.replaceChildren(h('p', { class: 'empty' }, t('noData')))

  if (state.port === undefined) return
  const [inward, outward] = await Promise.all(
    (['in_bps', 'out_bps'] as const).map((field) =>
      read('interface', field, 'mean', { interface: state.port }),
    ),
  )
  if (inward && outward && inward.series.length + outward.series.length > 0) {
    drawChart(
      traffic,
      [
        { label: t('trafficIn'), color: '#3ddc97', points: pointsOf(inward), scale: 'left', filled: true },
        { label: t('trafficOut'), color: '#ffb020', points: pointsOf(outward), scale: 'left' },
      ],
      { ...axis, left: bitRate, leftTick: bitRateTick },
    )
  } else traffic.replaceChildren(h('p', { class: 'empty' }, t('noData')))
}

/** The chosen element: its alarms, ports, latency and traffic. */
export function drawElement(state: ElementPanelState, then: ElementPanelActions): readonly Node[] {
  const latency = h('div', { class: 'chart', id: 'latency-chart' })
  const traffic = h('div', { class: 'chart', id: 'traffic-chart' })
  // The charts want the width that they get in the page.
  requestAnimationFrame(() => fillCharts(state, latency, traffic).catch(then.failed))
  const { node } = state
  return [
    h(
      'div',
      { class: 'element-head' },
      h('strong', {}, node.name),
      h('span', { class: `chip node-chip-${stateOf(node)}` }, t(stateOf(node))),
      node.since !== undefined && h('span', { class: 'quiet' }, `${t('since')} ${clockTime(node.since)}`),
      h(
        'span',
        { class: 'ranges', role: 'group' },
        ranges.map(([label, ms]) =>
          h(
            'button',
            {
              type: 'button',
              'aria-pressed': String(ms === state.rangeMs),
              click: () => then.chooseRange(ms),
            },
            label,
          ),
        ),
      ),
    ),
    h(
      'ul',
      { class: 'alarms' },
      state.alarms.map((alarm) =>
        h(
          'li',
          { class: `sev-edge-${alarm.severity}` },
          alarm.text,
          alarm.maintenance !== undefined && h('span', { class: 'chip chip-planned' }, t('planned')),
        ),
      ),
    ),
    h(
      'div',
      { class: 'charts' },
      h('figure', {}, h('figcaption', {}, t('latency')), latency),
      h(
        'figure',
        {},
        h(
          'figcaption',
          {},
          t('traffic'),
          h(
            'select',
            {
              'aria-label': t('traffic'),
              change: (event) => {
                if (event.target instanceof HTMLSelectElement) then.choosePort(event.target.value)
              },
            },
            state.interfaces.map((port) =>
              h(
                'option',
                { value: port.name, selected: port.name === state.port },
                `${port.name}${port.alias === '' ? '' : ` · ${port.alias}`} · ${bitRate(port.speedBps)} · ${port.operStatus}`,
              ),
            ),
          ),
        ),
        traffic,
      ),
    ),
  ]
}
