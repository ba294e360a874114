import type { InterfaceName } from '../model/interface.ts'
import { type Link, type LinkId, linkBetween } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'

/** A port that customers hang on. `demandBps` is what they load in the mean; they send a seventh of it. */
export interface CustomerPort {
  readonly name: InterfaceName
  readonly alias: string
  readonly speedBps: number
  readonly demandBps: number
}

export interface PlannedElement {
  readonly id: ElementId
  readonly name: string
  readonly role: string
  readonly site: string
  readonly uplinks: readonly ElementId[]
  readonly ports: readonly CustomerPort[]
}

export interface PlannedLink {
  readonly id: LinkId
  readonly a: ElementId
  readonly b: ElementId
  readonly speedBps: number
  readonly alias: string
}

/** The demo network as data: what there is, and how it is wired when nothing is broken. */
export interface DemoPlan {
  /** The element that is polled from: it has no agent. */
  readonly vantage: ElementId
  readonly gateway: ElementId
  readonly elements: readonly PlannedElement[]
  readonly links: readonly PlannedLink[]
}

const mega = 1_000_000
const giga = 1_000 * mega

/** Name of the port of an element that leads to that neighbour. */
export const portTo = (neighbour: ElementId): InterfaceName => `to-${neighbour}`

/** A planned link as the model knows it, with a port at each end. */
export const linkOf = ({ a, b }: Pick<PlannedLink, 'a' | 'b'>): Link =>
  linkBetween({ element: a, interface: portTo(b) }, { element: b, interface: portTo(a) }, 'declared')

const planned = (a: ElementId, b: ElementId, speedBps: number, alias: string): PlannedLink => ({
  id: linkOf({ a, b }).id,
  a,
  b,
  speedBps,
  alias,
})

const customers = (name: string, alias: string, demandBps: number): CustomerPort => ({
  name,
  alias,
  speedBps: giga,
  demandBps,
})

/**
 * A ring of three (core1, agg1, agg2), an access element on two of them, trees below, and customers' ends:
 *
 *     nms --- core1 --- agg1 --- acc2 --- cpe-clinic
 *               |      / | \---- acc3 --- bld1, cpe-hotel
 *               |     /  |
 *               |    /  acc1 --- cpe-school
 *               |   /    |
 *               agg2 ----+
 *                 \----- acc4 --- cpe-mill
 */
export const demoPlan: DemoPlan = {
  vantage: 'nms',
  gateway: 'core1',
  elements: [
    {
      id: 'core1',
      name: 'Core 1',
      role: 'core',
      site: 'exchange',
      uplinks: ['nms'],
      ports: [{ name: 'internet', alias: 'transit, 10G, order 2026/041', speedBps: 10 * giga, demandBps: 0 }],
    },
    {
      id: 'agg1',
      name: 'Aggregation North',
      role: 'aggregation',
      site: 'north',
      uplinks: ['core1'],
      ports: [],
    },
    {
      id: 'agg2',
      name: 'Aggregation South',
      role: 'aggregation',
      site: 'south',
      uplinks: ['core1'],
      ports: [],
    },
    {
      id: 'acc1',
      name: 'Access Riverside 河岸',
      role: 'access',
      site: 'riverside',
      uplinks: ['agg1', 'agg2'],
      ports: [
        customers('pon1', 'PON 1: Quay Street, Mill Lane, Weir', 42 * mega),
        customers('pon2', 'PON 2: 河滨路 1-40 号', 38 * mega),
      ],
    },
    {
      id: 'acc2',
      name: 'Access Old Town 老城',
      role: 'access',
      site: 'north',
      uplinks: ['agg1'],
      ports: [
        customers('pon1', 'PON 1: 钟楼街, 书院巷', 33 * mega),
        customers('pon2', 'PON 2: Market Square, "the arcade"', 24 * mega),
      ],
    },
    {
      id: 'acc3',
      name: 'Access Hill 山麓',
      role: 'access',
      site: 'north',
      uplinks: ['agg1'],
      ports: [
        customers('pon1', 'PON 1: Hill Road', 22 * mega),
        customers('pon2', 'PON 2: 山麓新村 7-19 栋', 20 * mega),
      ],
    },
    {
      id: 'acc4',
      name: 'Access Harbour 港口',
      role: 'access',
      site: 'south',
      uplinks: ['agg2'],
      ports: [
        customers('pon1', 'PON 1: Harbour Row; cranes, sheds', 36 * mega),
        customers('pon2', 'PON 2: 码头西街', 31 * mega),
      ],
    },
    {
      id: 'bld1',
      name: 'Building Switch Hill House',
      role: 'access',
      site: 'north',
      uplinks: ['acc3'],
      ports: [customers('floor1', 'floors 1-4', 9 * mega), customers('floor2', 'floors 5-8', 8 * mega)],
    },
    {
      id: 'cpe-school',
      name: 'Riverside School',
      role: 'cpe',
      site: 'riverside',
      uplinks: ['acc1'],
      ports: [customers('lan1', 'school network', 11 * mega)],
    },
    {
      id: 'cpe-clinic',
      name: 'Old Town Clinic',
      role: 'cpe',
      site: 'north',
      uplinks: ['acc2'],
      ports: [customers('lan1', 'clinic network', 7 * mega)],
    },
    {
      id: 'cpe-hotel',
      name: 'Hill Hotel',
      role: 'cpe',
      site: 'north',
      uplinks: ['acc3'],
      ports: [customers('lan1', 'hotel network', 10 * mega)],
    },
    {
      id: 'cpe-mill',
      name: 'Harbour Mill',
      role: 'cpe',
      site: 'south',
      uplinks: ['acc4'],
      ports: [customers('lan1', 'mill network', 8 * mega)],
    },
  ],
  links: [
    planned('nms', 'core1', giga, 'management'),
    planned('core1', 'agg1', giga, 'ring, north side, fibre 1'),
    planned('core1', 'agg2', giga, 'ring, south side, fibre 2'),
    planned('agg1', 'agg2', giga, 'ring, cross link, fibre 3'),
    planned('agg1', 'acc1', 400 * mega, 'riverside, first way'),
    planned('agg2', 'acc1', 400 * mega, 'riverside, second way'),
    planned('agg1', 'acc2', 200 * mega, 'old town'),
    planned('agg1', 'acc3', 200 * mega, 'hill'),
    planned('agg2', 'acc4', 200 * mega, 'harbour'),
    planned('acc3', 'bld1', 100 * mega, 'Hill House riser'),
    planned('acc1', 'cpe-school', 100 * mega, 'leased line 7001'),
    planned('acc2', 'cpe-clinic', 100 * mega, 'leased line 7002'),
    planned('acc3', 'cpe-hotel', 100 * mega, 'leased line 7003'),
    planned('acc4', 'cpe-mill', 100 * mega, 'leased line 7004'),
  ],
}
