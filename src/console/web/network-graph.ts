import type { LinkView, TopologyNode, TopologyView } from '../../api/views/network-schemas.ts'
import { svg } from './dom.ts'
import { t } from './words.ts'

/** More boxes than this cannot be read on a wall; then healthy leaves are counted instead of drawn. */
const mostNodes = 120
const layerGap = 104
const nodeGap = 158
const nodeWidth = 142
const nodeHeight = 40

interface Placed {
  readonly node: TopologyNode
  readonly x: number
  readonly y: number
}

const troubled = (node: TopologyNode) =>
  node.reach === 'dark' || node.reach === 'missing' || node.activeAlarms > 0

/** What is drawn: everything when it is few, else what has links further out, and what is in trouble. */
function visible(view: TopologyView): { readonly nodes: readonly TopologyNode[]; readonly left: number } {
  if (view.nodes.length <= mostNodes) return { nodes: view.nodes, left: 0 }
  const degree = new Map<string, number>()
  for (const { a, b } of view.links) {
    for (const end of [a.element, b.element]) degree.set(end, (degree.get(end) ?? 0) + 1)
  }
  const ranked = view.nodes.toSorted(
    (a, b) => Number(troubled(b)) - Number(troubled(a)) || (degree.get(b.id) ?? 0) - (degree.get(a.id) ?? 0),
  )
  return { nodes: ranked.slice(0, mostNodes), left: view.nodes.length - mostNodes }
}

/** Layers by distance from the gateway; within a layer, each box near its neighbours in the layer above. */
function place(view: TopologyView, nodes: readonly TopologyNode[]): ReadonlyMap<string, Placed> {
  const deepest = Math.max(0, ...nodes.map((node) => node.hops ?? 0))
  const layerOf = (node: TopologyNode) =>
    node.id === view.vantage && !view.gateways.includes(node.id) ? 0 : (node.hops ?? deepest + 1) + 1
  const layers = new Map<number, TopologyNode[]>()
  for (const node of nodes) layers.set(layerOf(node), [...(layers.get(layerOf(node)) ?? []), node])
  const neighbours = new Map<string, string[]>()
  for (const { a, b } of view.links) {
    neighbours.set(a.element, [...(neighbours.get(a.element) ?? []), b.element])
    neighbours.set(b.element, [...(neighbours.get(b.element) ?? []), a.element])
  }
  const widest = Math.max(...[...layers.values()].map((layer) => layer.length))
  const order = new Map<string, number>()
  const placed = new Map<string, Placed>()
  for (const [index, layer] of [...layers.keys()].sort((a, b) => a - b).entries()) {
    const row = layers.get(layer) ?? []
    const wish = (node: TopologyNode) => {
      const above = (neighbours.get(node.id) ?? []).flatMap((id) => order.get(id) ?? [])
      return above.length === 0 ? 0.5 : above.reduce((sum, x) => sum + x, 0) / above.length
    }
    const sorted = row.toSorted((a, b) => wish(a) - wish(b) || a.id.localeCompare(b.id))
    for (const [position, node] of sorted.entries()) {
      const share = (position + 0.5) / sorted.length
      placed.set(node.id, { node, x: share * widest * nodeGap, y: 36 + index * layerGap })
    }
    for (const [position, node] of sorted.entries()) order.set(node.id, (position + 0.5) / sorted.length)
  }
  return placed
}

function drawLink(link: LinkView, from: Placed, to: Placed): SVGElement {
  const [top, low] = from.y <= to.y ? [from, to] : [to, from]
  const level = top.y === low.y
  const bend = level ? 34 : (low.y - top.y) / 2
  const path = level
    ? `M${top.x} ${top.y} C${top.x} ${top.y + bend} ${low.x} ${low.y + bend} ${low.x} ${low.y}`
    : `M${top.x} ${top.y} C${top.x} ${top.y + bend} ${low.x} ${low.y - bend} ${low.x} ${low.y}`
  return svg(
    'path',
    { d: path, class: `link link-${link.state}` },
    svg('title', {}, `${link.id} · ${link.state}`),
  )
}

/** The word for a node's state, root cause and shadow before what was measured. */
export const stateOf = (node: TopologyNode): 'root' | 'shadowed' | TopologyNode['reach'] =>
  node.incidents.some((tie) => tie.as === 'root') && node.reach !== 'answering'
    ? 'root'
    : node.incidents.some((tie) => tie.as === 'shadowed')
      ? 'shadowed'
      : node.reach

/** Room for a name, in Latin letters of a wide font. */
const nameRoom = 13

/** A Chinese character is as wide as two Latin ones. */
const widthOf = (letter: string) => (letter > '\u2e7f' ? 1.8 : 1)

/** As many of these letters as fit. */
function fitting(letters: readonly string[], room: number): number {
  let left = room
  const tooMuch = letters.findIndex((letter) => {
    left -= widthOf(letter)
    return left < 0
  })
  return tooMuch < 0 ? letters.length : tooMuch
}

/** As much of a name as fits into a box. The middle goes first: names of neighbours tend to differ at their ends. */
function shortened(name: string): string {
  const letters = [...name]
  if (fitting(letters, nameRoom) === letters.length) return name
  const half = (nameRoom - 1) / 2
  const [head, tail] = [fitting(letters, half), fitting(letters.toReversed(), half)]
  return `${letters.slice(0, head).join('').trimEnd()}…${letters.slice(-tail).join('').trimStart()}`
}

function drawNode({ node, x, y }: Placed, chosen: boolean, choose: (id: string) => void): SVGElement {
  const state = stateOf(node)
  const label = shortened(node.name)
  const act = () => choose(node.id)
  const classes = [
    'node',
    `node-${state}`,
    chosen ? 'node-chosen' : '',
    node.activeAlarms > 0 ? 'node-alarmed' : '',
  ]
  return svg(
    'g',
    {
      class: classes.join(' '),
      transform: `translate(${x} ${y})`,
      tabindex: 0,
      role: 'button',
      'data-element': node.id,
      'data-state': state,
      'aria-label': `${node.name}, ${t(state)}`,
      click: act,
      keydown: (event) => {
        if (event instanceof KeyboardEvent && (event.key === 'Enter' || event.key === ' ')) act()
      },
    },
    svg('title', {}, `${node.name} · ${node.role ?? ''} · ${t(state)}`),
    svg('rect', { x: -nodeWidth / 2, y: -nodeHeight / 2, width: nodeWidth, height: nodeHeight, rx: 9 }),
    svg('circle', { cx: -nodeWidth / 2 + 14, cy: 0, r: 4.5, class: 'lamp' }),
    svg('text', { x: -nodeWidth / 2 + 26, y: -2, class: 'node-name' }, label),
    svg('text', { x: -nodeWidth / 2 + 26, y: 12, class: 'node-note' }, note(node, state)),
  )
}

/** The id, which sentences about the network use, and what is wrong. */
function note(node: TopologyNode, state: ReturnType<typeof stateOf>): string {
  if (state === 'root' || state === 'shadowed' || state === 'dark') return `${node.id} · ${t(state)}`
  if (node.activeAlarms > 0) return `${node.id} · ${t('alarms')}: ${node.activeAlarms}`
  return node.role === undefined || node.role === node.id ? node.id : `${node.id} · ${node.role}`
}

/** The network as a picture, the gateway on top. */
export function drawNetwork(
  view: TopologyView,
  chosen: string | undefined,
  choose: (id: string) => void,
): Element {
  const { nodes, left } = visible(view)
  const placed = place(view, nodes)
  const all = [...placed.values()]
  const width = Math.max(3 * nodeGap, ...all.map((p) => p.x + nodeGap / 2))
  const height = Math.max(...all.map((p) => p.y)) + 48
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'network', role: 'group', 'aria-label': t('network') },
    view.links.map((link) => {
      const from = placed.get(link.a.element)
      const to = placed.get(link.b.element)
      return from && to && drawLink(link, from, to)
    }),
    all.map((one) => drawNode(one, one.node.id === chosen, choose)),
    left > 0 && svg('text', { x: 8, y: height - 8, class: 'node-note' }, `+ ${left} ${t('moreHealthy')}`),
  )
}
