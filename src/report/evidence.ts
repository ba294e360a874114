import type { NetworkAlarm } from '../model/alarm.ts'
import type { Evidence } from '../model/fault-report.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { ElementState, NetworkState } from '../model/network-state.ts'
import { severities } from '../model/severity.ts'

export interface EvidenceInput {
  /** The elements of the path that are polled. */
  readonly path: readonly ElementId[]
  readonly state: NetworkState
  /** Active alarms. */
  readonly alarms: readonly NetworkAlarm[]
  /** That port is known to lead away from the path, so that its alarms say nothing about it. */
  readonly leadsElsewhere: (element: ElementId, port: InterfaceName) => boolean
  /** The vantage itself is cut off: silence of others means nothing. */
  readonly blind: boolean
  readonly now: number
  /** How old a poll result may be, ms. */
  readonly windowMs: number
}

interface Finding {
  readonly text: string
  readonly measured: boolean
  /** 0: good; higher is worse. */
  readonly badness: number
}

const unmeasured = 1
const alarmed = 2
const silent = alarmed + severities.length

/** What the last polls say about a path, in sentences, worst first. The state is `pending` until a probe was added. */
export function gatherEvidence(input: EvidenceInput): Evidence {
  const span = { state: 'pending' as const, from: input.now - input.windowMs, to: input.now }
  if (input.blind)
    return {
      ...span,
      coverage: 0,
      good: false,
      findings: ['The monitoring itself is cut off from the network.'],
    }
  const findings = input.path.map((element) => findingOf(element, input))
  const measured = findings.filter((finding) => finding.measured)
  return {
    ...span,
    coverage: findings.length === 0 ? 0 : measured.length / findings.length,
    good: measured.every((finding) => finding.badness === 0),
    findings: findings.toSorted((a, b) => b.badness - a.badness).map((finding) => finding.text),
  }
}

function findingOf(element: ElementId, input: EvidenceInput): Finding {
  const state = input.state.elements.get(element)
  if (!isMeasured(state, input))
    return {
      text: `${element} was not measured in the last ${Math.round(input.windowMs / 60_000)} min.`,
      measured: false,
      badness: unmeasured,
    }
  if (state.reach !== 'answering')
    return {
      text: `${element} has not answered since ${new Date(state.since).toISOString()}.`,
      measured: true,
      badness: silent,
    }
  const alarms = input.alarms
    .filter((alarm) => concerns(alarm, element, input))
    .toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
  const [worst] = alarms
  if (worst)
    return {
      text: `${element} answers, but: ${alarms.map((alarm) => alarm.text).join('; ')}`,
      measured: true,
      badness: alarmed + severities.indexOf(worst.severity),
    }
  return { text: `${element} answers and has no alarm.`, measured: true, badness: 0 }
}

/** No answer to a finished poll is a measurement too; no finished poll is none. */
function isMeasured(state: ElementState | undefined, input: EvidenceInput): state is ElementState {
  if (state === undefined || state.reach === 'unknown') return false
  if (state.reach !== 'answering') return true
  return state.lastAnswerAt !== undefined && state.lastAnswerAt >= input.now - input.windowMs
}

/** A silent agent says nothing about traffic; of a sensor it is not known whose traffic it is about. */
function concerns(alarm: NetworkAlarm, element: ElementId, input: EvidenceInput): boolean {
  const { resource } = alarm
  if (resource.element !== element || alarm.state !== 'active' || alarm.type === 'agent-silent') return false
  if (resource.kind === 'sensor') return false
  return resource.kind === 'element' || !input.leadsElsewhere(element, resource.interface)
}
