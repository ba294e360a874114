import fc from 'fast-check'
import { system } from './snmp-mib.ts'
import { text, unsigned } from './snmp-responder.ts'

/** One interface of a box of a test: what it is called, and what truly passed. */
export interface Line {
  readonly name: string
  readonly descr: string
  readonly wide: boolean
  /** How its agent tells its speed. */
  readonly tells: 'high' | 'low' | 'both' | 'round' | 'nothing'
  readonly hasDiscontinuity: boolean
  speedBps: number
  index: number
  present: boolean
  /** Octets since the test began, never reset. */
  passed: bigint
  /** What its counters show, before they are cut to their width. */
  octets: bigint
  packets: bigint
  discontinuity: number
  /** So often it began at 0 and its agent did not say so: whether as much passed before as after, nobody can tell. */
  silentResets: number
}

const size32 = 2n ** 32n
const size64 = 2n ** 64n
const bytesPerPacket = 200n

export const lines = fc.record({
  /** Shared, empty or its own. */
  naming: fc.constantFrom('own', 'own', 'shared', 'empty', 'nothing'),
  wide: fc.boolean(),
  tells: fc.constantFrom('high', 'low', 'both', 'round', 'nothing'),
  hasDiscontinuity: fc.boolean(),
  speedBps: fc.constantFrom(64_000, 1_400_000, 100_000_000, 500_000_000, 1_000_000_000, 400_000_000_000),
  octets: fc.bigInt({ min: 0n, max: size64 - 1n }),
})

export const agentEvents = [
  'none',
  'restart',
  'restart twice',
  'cached',
  'away',
  'vanish',
  'appear',
  'swap',
  'renumber',
  'swap while read',
  'reset',
  'fall',
  'slower',
  'faster',
] as const

export const agentSteps = fc.record({
  seconds: fc.constantFrom(1, 10, 30, 60, 300),
  /** Share of the speed that is used, and by which lines it is used at all. */
  load: fc.constantFrom(0, 0.001, 0.3, 0.999),
  busy: fc.nat(255),
  event: fc.constantFrom(...agentEvents),
  /** Which line, and when within the step. */
  which: fc.nat(7),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  /** After so many answers of the poll. */
  answers: fc.integer({ min: 1, max: 6 }),
})
export type AgentStep = typeof agentSteps extends fc.Arbitrary<infer T> ? T : never

export interface ModelAgent {
  readonly lines: readonly Line[]
  /** Lets traffic pass and the event happen. */
  pass(step: AgentStep): void
  swap(which: number): void
  mib(): Record<string, Buffer>
}

export function modelAgent(
  told: readonly (typeof lines extends fc.Arbitrary<infer T> ? T : never)[],
  firstTicks: number,
  knowsBoots: boolean,
): ModelAgent {
  const all: Line[] = told.map(({ naming, octets, ...one }, i) => ({
    ...one,
    name: naming === 'own' ? `ge${i}` : naming === 'shared' ? 'ge' : '',
    descr: naming === 'nothing' ? '' : `port ${i}`,
    index: i + 1,
    present: true,
    passed: 0n,
    octets,
    packets: octets / bytesPerPacket,
    discontinuity: 0,
    silentResets: 0,
  }))
  let ticks = firstTicks
  let boots = 1

  const flow = (seconds: number, { load, busy }: AgentStep) => {
    all.forEach((line, i) => {
      if ((busy & (1 << i)) === 0) return
      const moved = BigInt(Math.floor((line.speedBps * load * seconds) / 8))
      line.passed += moved
      line.octets += moved
      line.packets += moved / bytesPerPacket
    })
    ticks = (ticks + Math.round(seconds * 100)) % 2 ** 32
  }
  const restart = () => {
    for (const line of all) Object.assign(line, { octets: 0n, packets: 0n, discontinuity: 0 })
    // Never as old as after another start: that looks like a clock that stands still.
    ticks = boots
    boots++
  }
  const swap = (which: number) => {
    const [one, other] = [all[which % all.length], all[(which + 1) % all.length]]
    if (one === undefined || other === undefined) return
    ;[one.index, other.index] = [other.index, one.index]
  }

  return {
    lines: all,
    swap,
    pass(step) {
      const { seconds, event, which, part } = step
      const line = all[which % all.length]
      flow(seconds * part, step)
      if (line !== undefined) {
        if (event === 'restart' || event === 'restart twice') restart()
        if (event === 'vanish') line.present = false
        if (event === 'appear') line.present = true
        if (event === 'swap') swap(which)
        if (event === 'renumber') for (const one of all) one.index += 3
        if (event === 'slower') line.speedBps = Math.max(64_000, line.speedBps / 10)
        if (event === 'faster') line.speedBps = Math.min(400_000_000_000, line.speedBps * 10)
        if (event === 'fall' && line.octets > 50_000n) {
          line.octets -= 20_000n
          line.packets -= 100n
        }
        if (event === 'reset') {
          Object.assign(line, { octets: 0n, packets: 0n })
          if (line.hasDiscontinuity) line.discontinuity = ticks + 1
          else line.silentResets++
        }
      }
      flow(seconds * (1 - part), step)
    },
    mib() {
      const mib: Record<string, Buffer> = system('box', ticks)
      if (knowsBoots) mib['1.3.6.1.6.3.10.2.1.2.0'] = unsigned(2, boots)
      for (const line of all) if (line.present) Object.assign(mib, mibOf(line))
      return mib
    },
  }
}

function mibOf({ index, name, descr, wide, tells, speedBps, ...line }: Line): Record<string, Buffer> {
  const low = tells === 'high' || tells === 'nothing' ? 0 : speedBps
  const high = tells === 'low' || tells === 'nothing' ? 0 : Math.round(speedBps / 1_000_000)
  const ifSpeed = tells === 'round' ? low % 2 ** 32 : Math.min(low, 2 ** 32 - 1)
  const packets32 = unsigned(65, line.packets % size32)
  const mib: Record<string, Buffer> = {
    [`1.3.6.1.2.1.2.2.1.1.${index}`]: unsigned(2, index),
    [`1.3.6.1.2.1.2.2.1.2.${index}`]: text(descr),
    [`1.3.6.1.2.1.2.2.1.5.${index}`]: unsigned(66, ifSpeed),
    [`1.3.6.1.2.1.2.2.1.7.${index}`]: unsigned(2, 1),
    [`1.3.6.1.2.1.2.2.1.8.${index}`]: unsigned(2, 1),
    [`1.3.6.1.2.1.2.2.1.10.${index}`]: unsigned(65, line.octets % size32),
    [`1.3.6.1.2.1.2.2.1.11.${index}`]: packets32,
    [`1.3.6.1.2.1.2.2.1.16.${index}`]: unsigned(65, line.octets % size32),
    [`1.3.6.1.2.1.31.1.1.1.1.${index}`]: text(name),
    [`1.3.6.1.2.1.31.1.1.1.15.${index}`]: unsigned(66, high),
    [`1.3.6.1.2.1.31.1.1.1.18.${index}`]: text(''),
  }
  if (line.hasDiscontinuity) mib[`1.3.6.1.2.1.31.1.1.1.19.${index}`] = unsigned(67, line.discontinuity)
  if (wide) {
    mib[`1.3.6.1.2.1.31.1.1.1.6.${index}`] = unsigned(70, line.octets % size64)
    mib[`1.3.6.1.2.1.31.1.1.1.7.${index}`] = unsigned(70, line.packets % size64)
    mib[`1.3.6.1.2.1.31.1.1.1.10.${index}`] = unsigned(70, line.octets % size64)
  }
  return mib
}
