import type { InterfaceName } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { Trap } from '../model/trap.ts'

/** What the last poll of an agent told, which a trap has to fit. */
export interface PolledPorts {
  readonly ports: InterfaceList
  /** sysUpTime in it, hundredths of a second. */
  readonly upTimeTicks: number
  /** When it began, UTC epoch milliseconds. */
  readonly at: number
}

/** What a trap proves of one port. */
export interface PortEvidence {
  readonly port: InterfaceName
  readonly isDown: boolean
  /** When it came, and sysUpTime in it. */
  readonly at: number
  readonly upTimeTicks: number
}

/** sysUpTime counts hundredths of a second in 32 bits. */
const ticksPerTurn = 2 ** 32
const msPerTick = 10
/** How far the clock of an agent may be ahead of ours between two polls: the time window of RFC 3414 §2.2.3. */
const aheadTicks = 15_000

const ticksSince = (earlier: number, later: number): number =>
  (((later - earlier) % ticksPerTurn) + ticksPerTurn) % ticksPerTurn

const isLater = (earlier: number, later: number): boolean => {
  const passed = ticksSince(earlier, later)
  return passed > 0 && passed < ticksPerTurn / 2
}

/** Sent after the poll and not after now: neither late, nor played once more, nor from before a restart of the agent. */
function isOfNow(trap: Trap & { readonly upTimeTicks: number }, polled: PolledPorts): boolean {
  const passed = ticksSince(polled.upTimeTicks, trap.upTimeTicks)
  return passed > 0 && passed <= Math.max(0, trap.at - polled.at) / msPerTick + aheadTicks
}

/** The port by its index, unless the trap calls it otherwise: then indexes went to others since the poll. */
function portOf({ interfaceIndex, interfaceName }: Trap, ports: InterfaceList): InterfaceName | undefined {
  const row = interfaceIndex === undefined ? -1 : ports.rowOfIndex(interfaceIndex)
  if (row < 0) return undefined
  const isNamed = [ports.name(row), ports.description(row)].some((text) => text === interfaceName)
  return interfaceName === undefined || isNamed ? ports.name(row) : undefined
}

/**
 * What a trap proves by itself; undefined when it is no more than a hint. That takes an authenticated linkDown or linkUp
 * (RFC 2863) about a port that the last poll listed, later than that poll and than what counted of that port since. A
 * port that is shut down on purpose is no fault, so a linkDown counts only where it says that the port is meant to be
 * up; it does not tell the state that the port went to, only the one that it left.
 * @param before the last evidence of the same agent, by port, as far as no later poll has told the state
 */
export function portEvidence(
  trap: Trap,
  polled: PolledPorts | undefined,
  before: ReadonlyMap<InterfaceName, PortEvidence>,
): PortEvidence | undefined {
  const { at, kind, upTimeTicks, adminStatus, operStatus = 'up' } = trap
  if (!trap.authenticated || (kind !== 'linkDown' && kind !== 'linkUp')) return undefined
  if (upTimeTicks === undefined || !polled || !isOfNow({ ...trap, upTimeTicks }, polled)) return undefined
  const port = portOf(trap, polled.ports)
  if (port === undefined) return undefined
  const last = before.get(port)
  if (last && (at <= last.at || !isLater(last.upTimeTicks, upTimeTicks))) return undefined
  if (kind === 'linkDown') return adminStatus === 'up' ? { port, isDown: true, at, upTimeTicks } : undefined
  const isUp = operStatus === 'up' && (adminStatus ?? 'up') === 'up'
  return isUp ? { port, isDown: false, at, upTimeTicks } : undefined
}
