import type { FaultReportView } from '../../api/views/fault-report-schemas.ts'
import { sendReport } from './api-client.ts'
import { h } from './dom.ts'
import { clockTime, withLocalTimes } from './format.ts'
import { reasonsOf } from './match-reasons.ts'
import { t, tr } from './words.ts'

const symptoms = ['no-service', 'slow', 'slow-evening', 'intermittent', 'latency', 'loss', 'other'] as const
const symptomWord = (symptom: string) =>
  symptom === 'loss' ? t('lossSymptom') : symptom === 'latency' ? t('latencySymptom') : tr(symptom)

const verdictTone = {
  matched: 'chip-bad',
  suspected: 'chip-warn',
  'no-fault-seen': 'chip-good',
  unknown: '',
} as const
const verdictWord = (verdict: FaultReportView['verdict']) =>
  verdict === 'unknown' ? t('unknownVerdict') : tr(verdict)

function row(report: FaultReportView, open: boolean, choose: () => void): Node {
  const best = report.matches.find((match) => match.state !== 'unlinked')
  return h(
    'article',
    { class: 'report', 'data-report': report.id, 'data-verdict': report.verdict },
    h(
      'button',
      { type: 'button', class: 'report-summary', 'aria-expanded': String(open), click: choose },
      h(
        'span',
        { class: 'incident-line' },
        h('strong', {}, report.customerName ?? report.customer),
        h('span', { class: 'quiet' }, symptomWord(report.symptom)),
        h('span', { class: `chip ${verdictTone[report.verdict]}` }, verdictWord(report.verdict)),
        best && h('span', { class: 'quiet' }, `${t('score')} ${best.score.toFixed(2)}`),
      ),
      h(
        'span',
        { class: 'quiet' },
        `${clockTime(report.reportedAt)} · ${report.service ?? ''} · ${tr(report.status)}`,
      ),
    ),
    open &&
      h(
        'div',
        { class: 'report-details' },
        report.description !== undefined && h('blockquote', {}, report.description),
        report.matches.map((match) =>
          h(
            'div',
            {},
            h(
              'p',
              {},
              `${match.incidentTitle ?? match.incident} · ${tr(match.state)} · ${match.score.toFixed(2)}`,
            ),
            reasonsOf(match),
          ),
        ),
        h(
          'p',
          { class: 'quiet' },
          `${t('evidence')} · ${t('coverage')} ${Math.round(report.evidence.coverage * 100)} %`,
        ),
        h(
          'ul',
          { class: 'why' },
          report.evidence.findings.map((finding) => h('li', {}, withLocalTimes(finding))),
        ),
      ),
  )
}

/** Takes a report as the desk would, and shows what the network says to it. */
export function reportForm(done: () => void, failed: (error: unknown) => void): HTMLElement {
  const service = h('input', { name: 'service', required: true, maxlength: 64, placeholder: 's-100' })
  const symptom = h(
    'select',
    { name: 'symptom' },
    symptoms.map((value) => h('option', { value }, symptomWord(value))),
  )
  const send = h('button', { type: 'submit', class: 'primary' }, t('send'))
  /** The answer waits for the path to be measured; meanwhile the same report must not be sent twice. */
  const wait = (waiting: boolean) => {
    send.disabled = waiting
    send.textContent = t(waiting ? 'waiting' : 'send')
  }
  const description = h('input', { name: 'description', maxlength: 2000, placeholder: t('description') })
  return h(
    'form',
    {
      class: 'report-form',
      submit: (event) => {
        event.preventDefault()
        if (send.disabled) return
        wait(true)
        sendReport({
          kind: 'fault',
          service: service.value.trim(),
          symptom: symptom.value,
          description: description.value.trim() || symptomWord(symptom.value),
          channel: 'desk',
        }).then(done, (error: unknown) => {
          wait(false)
          failed(error)
        })
      },
    },
    h('label', {}, t('service'), service),
    h('label', {}, t('symptom'), symptom),
    h('label', { class: 'wide' }, t('description'), description),
    send,
  )
}

export function drawReports(
  reports: readonly FaultReportView[],
  chosen: string | undefined,
  choose: (id: string | undefined) => void,
): readonly Node[] {
  if (reports.length === 0) return [h('p', { class: 'empty' }, t('noReports'))]
  return reports.map((report) =>
    row(report, report.id === chosen, () => choose(report.id === chosen ? undefined : report.id)),
  )
}
