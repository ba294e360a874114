import type { NetworkElement } from '../model/network-element.ts'
import type { PollResult, ProbeName } from '../model/reading.ts'

/** What a reading told about the element as a whole. */
export type Cycle =
  | { readonly kind: 'answered' }
  /** Times of the missed cycles that count from now on, oldest first. */
  | { readonly kind: 'missed'; readonly cycles: readonly number[] }
  /** Nothing new: not sent, not configured, late, or another probe still has to tell. */
  | { readonly kind: 'nothing' }

export interface ReachTracker {
  accept(reading: PollResult, now: number): Cycle
  /** First missed cycle since the last answer; undefined while it answers. */
  missingSince(): number | undefined
  /** -Infinity when it never answered. */
  lastAnswerAt(): number
  /** The latest reading of a path probe (icmp, stamp) is an answer. */
  pathAnswers(): boolean
}

interface Track {
  latest: 'none' | 'answer' | 'miss'
  latestAt: number
  /** Misses in a row of this probe alone, and of those the ones later than any probe's answer. */
  run: number
  silent: number
  silentSince: number
  countedAt: number
  readonly intervalMs: number
  /** Something on the way drops this probe: the element answered another one meanwhile. */
  contradicted: boolean
}

const untold = {
  latest: 'none',
  latestAt: -Infinity,
  run: 0,
  silent: 0,
  silentSince: 0,
  countedAt: 0,
  contradicted: false,
} as const

const answered: Cycle = { kind: 'answered' }
const nothing: Cycle = { kind: 'nothing' }

/** `refused` is a sign of life, but an ICMP error message may come from any router on the way. */
const isAlive = (reading: PollResult): boolean =>
  reading.outcome === 'answered' || (reading.outcome === 'refused' && reading.probe !== 'icmp')

/**
 * Whether one element answers, out of the probes that it is configured with.
 *
 * Path probes (icmp, stamp) vote, the SNMP agent where there is none. A cycle is missed when every voter has missed
 * since the last answer of any probe. It counts only when a configured agent missed too: a box whose echo is filtered is
 * not down. Until the agent was asked the cycles are kept back; an agent that has not been heard of for three of its
 * intervals is not waited for. A voter that missed twice in a row while another probe was answered is taken for filtered
 * and votes no more until it answers again.
 *
 * Readings of one probe come in order. One that is older than three intervals is not late: the clock was set back, and
 * all that was known by the old time is forgotten.
 */
export function createReachTracker(
  probes: NetworkElement['probes'],
  intervalMs: Readonly<Record<ProbeName, number>>,
): ReachTracker {
  const tracks = new Map<ProbeName, Track>()
  for (const probe of ['icmp', 'stamp', 'snmp'] as const)
    if (probes[probe]) tracks.set(probe, { ...untold, intervalMs: intervalMs[probe] })
  const agent = tracks.get('snmp')
  const paths = [...tracks].flatMap(([probe, track]) => (probe === 'snmp' ? [] : [track]))
  const longestMs = 3 * Math.max(...[...tracks.values()].map((track) => track.intervalMs))
  let lastAnswerAt = -Infinity
  let firstAt: number | undefined
  let counted = 0
  let keptBack: number[] = []

  const voters = (): readonly Track[] => {
    const trusted = paths.filter((track) => !track.contradicted)
    if (trusted.length > 0) return trusted
    return agent ? [agent] : paths
  }
  const silence = (among: readonly Track[]) => Math.min(...among.map((track) => track.silent))

  const agentMustTell = (among: readonly Track[], now: number): boolean => {
    if (!agent || among.includes(agent) || agent.silent > 0) return false
    const heardAt = agent.latest === 'none' ? (firstAt ?? now) : agent.latestAt
    return now - heardAt <= 3 * intervalMs.snmp
  }

  const onAnswer = (track: Track, at: number): Cycle => {
    track.latest = 'answer'
    track.run = 0
    track.contradicted = false
    lastAnswerAt = Math.max(lastAnswerAt, at)
    for (const other of tracks.values()) {
      if (other.run >= 2 && other !== agent) other.contradicted = true
      other.silent = 0
    }
    counted = 0
    keptBack = []
    return answered
  }

  const onMiss = (track: Track, at: number, now: number): Cycle => {
    track.latest = 'miss'
    track.run++
    if (at <= lastAnswerAt) return nothing
    if (track.silent === 0) track.silentSince = at
    // A poll out of turn tells at once that it is good, but two misses within a second are one miss.
    if (track.silent === 0 || at - track.countedAt >= track.intervalMs / 2) {
      track.silent++
      track.countedAt = at
    }
    const among = voters()
    if (silence(among) > counted) {
      counted = silence(among)
      keptBack.push(counted === 1 ? Math.min(...among.map((voter) => voter.silentSince)) : at)
      if (keptBack.length > 64) keptBack.shift()
      // What was kept back before a gap says nothing of now.
      keptBack = keptBack.filter((cycle) => at - cycle <= longestMs)
    }
    if (keptBack.length === 0 || agentMustTell(among, now)) return nothing
    const cycles = keptBack
    keptBack = []
    return { kind: 'missed', cycles }
  }

  const forget = () => {
    for (const track of tracks.values()) Object.assign(track, untold)
    lastAnswerAt = -Infinity
    firstAt = undefined
    counted = 0
    keptBack = []
  }

  return {
    accept(reading, now) {
      const track = tracks.get(reading.probe)
      if (!track || reading.outcome === 'notSent') return nothing
      if (track.latestAt - reading.at > 3 * track.intervalMs) forget()
      if (reading.at <= track.latestAt) return nothing
      firstAt ??= reading.at
      track.latestAt = reading.at
      return isAlive(reading) ? onAnswer(track, reading.at) : onMiss(track, reading.at, now)
    },
    missingSince() {
      const among = voters()
      return silence(among) > 0 && among.length > 0
        ? Math.min(...among.map((voter) => voter.silentSince))
        : undefined
    },
    lastAnswerAt: () => lastAnswerAt,
    pathAnswers: () => paths.some((track) => track.latest === 'answer'),
  }
}
