import type { Language } from '../model/customer.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'

/** A line that is sold: where it hangs, and for a leased line the box at the customer's end. */
export interface DemoLine {
  readonly element: ElementId
  readonly interface: InterfaceName
  readonly target?: ElementId
}

export interface DemoCustomer {
  readonly name: string
  /** Part of the mail address before `@example.net`. */
  readonly mailbox: string
  readonly language: Language
  readonly tier: 'consumer' | 'business' | 'vip'
  readonly flags: readonly string[]
  readonly lines: readonly DemoLine[]
}

const at = (element: ElementId, port: InterfaceName): DemoLine => ({ element, interface: port })
const leased = (element: ElementId, target: ElementId): DemoLine => ({
  element,
  interface: `to-${target}`,
  target,
})

type Row = readonly [name: string, mailbox: string, lines: readonly DemoLine[], flags?: readonly string[]]
const sold = (
  language: Language,
  tier: DemoCustomer['tier'],
  rows: readonly Row[],
): readonly DemoCustomer[] =>
  rows.map(([name, mailbox, lines, flags = []]) => ({ name, mailbox, language, tier, flags, lines }))

/** Forty customers with forty-six lines. All of them are made up; some have names that are hard on computers. */
export const demoCustomers: readonly DemoCustomer[] = [
  ...sold('zh', 'consumer', [
    ['王小明', 'wang.xiaoming', [at('acc2', 'pon1')], ['elderly']],
    ['李娜', 'li.na', [at('acc2', 'pon1')]],
    ['张伟', 'zhang.wei', [at('acc2', 'pon2')]],
    ['刘洋', 'liu.yang', [at('acc2', 'pon2')]],
    ['陈静', 'chen.jing', [at('acc3', 'pon1')]],
    ['杨光', 'yang.guang', [at('acc3', 'pon2')]],
    ['赵敏', 'zhao.min', [at('acc3', 'pon2')], ['disabled']],
    ['黄丽华', 'huang.lihua', [at('bld1', 'floor1')]],
    ['周杰', 'zhou.jie', [at('bld1', 'floor2')]],
    ['吴刚', 'wu.gang', [at('acc1', 'pon1')]],
    ['徐慧', 'xu.hui', [at('acc1', 'pon2')]],
    ['孙丽', 'sun.li', [at('acc1', 'pon2')], ['elderly']],
    ['马超', 'ma.chao', [at('acc4', 'pon1')]],
    ['朱红', 'zhu.hong', [at('acc4', 'pon2')]],
    ['胡斌', 'hu.bin', [at('acc4', 'pon2')]],
    ['欧阳雪', 'ouyang.xue', [at('acc4', 'pon1')]],
  ]),
  ...sold('en', 'consumer', [
    ['Ada Byrne', 'ada.byrne', [at('acc2', 'pon1')]],
    ['Seán Ó Floinn', 'sean.ofloinn', [at('acc2', 'pon2')], ['medical']],
    ['Grace Okafor', 'grace.okafor', [at('acc3', 'pon1')]],
    ['Tom Larsen', 'tom.larsen', [at('acc3', 'pon1')], ['elderly']],
    ['Zoë Müller-Haas', 'zoe.mueller-haas', [at('bld1', 'floor1')]],
    ['Ivan Petrov', 'ivan.petrov', [at('bld1', 'floor2')]],
    ['Maya <Tilde> Singh', 'maya.singh', [at('acc1', 'pon1')]],
    ["Liam O'Dowd", 'liam.odowd', [at('acc1', 'pon1')]],
    ['Nora & Jan Vos', 'vos.family', [at('acc1', 'pon2')]],
    ['Peter Quill', 'peter.quill', [at('acc4', 'pon1')]],
    ['Ines Duarte', 'ines.duarte', [at('acc4', 'pon2')]],
    ['Ruth Adeyemi', 'ruth.adeyemi', [at('acc4', 'pon1')], ['disabled']],
  ]),
  ...sold('zh', 'business', [
    ['老城书店', 'laocheng.books', [at('acc2', 'pon1'), at('acc3', 'pon1')]],
    ['山麓茶馆', 'shanlu.tea', [at('acc3', 'pon2')]],
    ['港口物流有限公司', 'gangkou.logistics', [at('acc4', 'pon1'), at('acc2', 'pon2')]],
    ['河岸幼儿园', 'hean.kindergarten', [at('acc1', 'pon2')]],
  ]),
  ...sold('en', 'business', [
    ['Market Square Bakery', 'market.bakery', [at('acc2', 'pon2')]],
    ['Hill House Accountants', 'hillhouse.accounts', [at('bld1', 'floor1'), at('bld1', 'floor2')]],
    ['Quay Street Dental', 'quay.dental', [at('acc1', 'pon1')]],
    ['Harbour Mill Ltd', 'harbour.mill', [leased('acc4', 'cpe-mill'), at('acc4', 'pon2')]],
  ]),
  ...sold('zh', 'vip', [
    ['老城诊所', 'laocheng.clinic', [leased('acc2', 'cpe-clinic')], ['medical']],
    ['河岸学校', 'hean.school', [leased('acc1', 'cpe-school'), at('acc1', 'pon2')]],
  ]),
  ...sold('en', 'vip', [
    ['Hill Hotel', 'hill.hotel', [leased('acc3', 'cpe-hotel'), at('acc3', 'pon1')]],
    ['Coast Guard Station', 'coast.guard', [at('acc4', 'pon1')], ['emergency']],
  ]),
]

/** Identities, counted through the list: `c-101` and, for its second line, `s-101-2`. */
export const customerId = (index: number): string => `c-${101 + index}`
export const serviceId = (index: number, line: number): string => `s-${101 + index}-${line + 1}`

/** The first service of the customer with that mailbox, for stories to name. */
export function serviceOf(mailbox: string): string {
  const index = demoCustomers.findIndex((customer) => customer.mailbox === mailbox)
  if (index < 0) throw new RangeError(`no demo customer has the mailbox ${mailbox}`)
  return serviceId(index, 0)
}
