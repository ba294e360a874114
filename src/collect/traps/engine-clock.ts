import type { EngineTime } from './trap-message.ts'

/** RFC 3414 §2.2.3. */
const windowS = 150
const lastBoots = 0x7fff_ffff
/** Engines that are remembered; only messages with a right digest are. */
const mostEngines = 4_096

const year2020 = Date.UTC(2020, 0, 1)

/**
 * Our own engine, which informs are addressed to. It counts as started once, in 2020: so a restart of ours is invisible
 * to those who know its time, and nothing need be kept for it.
 */
export const ownEngine = (id: Buffer, now: number): EngineTime => ({
  id,
  boots: 1,
  seconds: Math.max(0, Math.floor((now - year2020) / 1000)),
})

/** Whether a message to our engine is of now. */
export const isTimely = (told: EngineTime, own: EngineTime): boolean =>
  told.boots === own.boots && Math.abs(told.seconds - own.seconds) <= windowS

/** The engine that an element is polled at. */
export interface PolledEngine {
  /** Hexadecimal. */
  readonly id: string
  readonly boots: number
}

/**
 * Whether who signed a trap is the engine that answers the polls of that element, and not from before its last start. It
 * tells a box from others that share its users.
 */
export const isOfPolled = (polled: PolledEngine, { id, boots }: EngineTime): boolean =>
  id.toString('hex') === polled.id && boots >= polled.boots

/**
 * What is known of the clocks of those who send traps, each of which speaks for itself (RFC 3414 §3.2 step 7b). The
 * first message of an engine sets its clock.
 */
export function createEngineClocks() {
  const clocks = new Map<string, { readonly boots: number; readonly seconds: number; readonly at: number }>()
  return {
    /** Whether an authentic message is new enough, and learns from it when it is. */
    accept({ id, boots, seconds }: EngineTime, now: number): boolean {
      const key = id.toString('latin1')
      const known = clocks.get(key)
      if (boots === lastBoots) return false
      if (known !== undefined) {
        const expected = known.seconds + Math.max(0, now - known.at) / 1000
        if (boots < known.boots || (boots === known.boots && seconds < expected - windowS)) return false
        if (boots === known.boots && seconds <= known.seconds) return true
      }
      clocks.delete(key)
      clocks.set(key, { boots, seconds, at: now })
      if (clocks.size > mostEngines) for (const [oldest] of clocks) return clocks.delete(oldest)
      return true
    },
  }
}
