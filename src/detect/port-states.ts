import { type Interface, type InterfaceName, isFaulty } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { AgentSummary } from '../model/reading.ts'
import type { Trap } from '../model/trap.ts'
import type { AlarmBook } from './alarm-book.ts'
import { type ElementWatch, spotOf } from './element-watch.ts'
import type { PortEvidence } from './trap-evidence.ts'

/** Judges the states of ports: what polls list, and what traps prove between two polls. */
export interface PortStates {
  /** The ports that a poll listed; `at` is when it began. */
  accept(watch: ElementWatch, agent: AgentSummary, at: number): void
  /** What a trap proved counts like a poll of that port. */
  acceptEvidence(watch: ElementWatch, evidence: PortEvidence, kind: Trap['kind']): void
}

/** Neither good nor bad: the port is not there, or its agent cannot tell. */
const isUndecided = (port: Pick<Interface, 'operStatus'>): boolean =>
  port.operStatus === 'unknown' || port.operStatus === 'notPresent'

export function createPortStates(book: AlarmBook): PortStates {
  function clearVanished(watch: ElementWatch, ports: InterfaceList, at: number): void {
    let listed: ReadonlySet<InterfaceName> | undefined
    for (const spot of watch.troubled) {
      if (spot.resource.kind !== 'interface') continue
      listed ??= new Set(ports.map((port) => port.name))
      const isListed = listed.has(spot.name)
      book.countAbsence(watch, spot, isListed, at, 'its agent does not list the interface any more')
    }
  }

  return {
    accept(watch, { system, interfaces }, at) {
      const { ports } = interfaces
      const { trapped } = watch
      for (const [name, evidence] of trapped)
        if (evidence.at <= at || evidence.at - at > watch.agentStaleMs) trapped.delete(name)
      watch.polled = { ports, upTimeTicks: system.upTimeTicks, at }
      let down: Set<InterfaceName> | undefined
      const isWatched = watch.rules.watches('interface-status')
      for (let row = 0; row < ports.length; row++) {
        const port = { adminStatus: ports.adminStatus(row), operStatus: ports.operStatus(row) }
        const isBad = isFaulty(port)
        if (!isBad && ports === watch.portsSeen && watch.troubled.size === 0 && trapped.size === 0) continue
        const name = ports.name(row)
        // This poll began before the trap came, and may have looked before it happened.
        const proved = trapped.size === 0 ? undefined : trapped.get(name)
        if (proved?.isDown ?? isBad) {
          down ??= new Set()
          down.add(name)
        }
        if (!isWatched || proved) continue
        if (port.operStatus === 'up') watch.rules.sawUp(name)
        if ((!isBad && watch.troubled.size === 0) || isUndecided(port)) continue
        const spot = spotOf(watch, name)
        const rule = spot.portRule
        if (!rule) continue
        // What stands, stands, whether or not it is still known that the port was used.
        if (isBad && !spot.cells.has(rule.type) && watch.rules.leavesOut(rule, name)) continue
        book.judge(watch, spot, rule, watch.rules.stateVerdict(rule, isBad, at), at)
        book.settle()
      }
      if (down || watch.portsDown.size > 0) watch.portsDown = down ?? new Set()
      if (watch.troubled.size > 0) clearVanished(watch, ports, at)
      watch.portsSeen = ports
    },
    acceptEvidence(watch, { port, isDown, at }, kind) {
      const down = new Set(watch.portsDown)
      if (isDown) down.add(port)
      else down.delete(port)
      watch.portsDown = down
      if (!isDown) watch.rules.sawUp(port)
      const spot = spotOf(watch, port)
      const rule = spot.portRule
      if (!rule || (isDown && !spot.cells.has(rule.type) && watch.rules.leavesOut(rule, port))) return
      const verdict = watch.rules.stateVerdict(rule, isDown, at)
      const detail = `told by an authenticated ${kind} trap`
      // It happened before it came, and a poll that begins in the same millisecond is later.
      book.judge(watch, spot, rule, verdict.kind === 'bad' ? { ...verdict, detail } : verdict, at - 1)
      book.settle()
    },
  }
}
