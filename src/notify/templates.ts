import type { Customer, Language } from '../model/customer.ts'
import type { ImpactState } from '../model/impact.ts'
import type { Service, ServiceId } from '../model/service.ts'
import type { Message } from './channel.ts'
import type { LedgerRow } from './ledger-row.ts'
import { plainLine } from './plain-line.ts'
import type { TemplateWords } from './template-words.ts'
import { en } from './templates-en.ts'
import { zh } from './templates-zh.ts'

export interface TemplateDeps {
  /** IANA zone of the times in messages. */
  readonly timeZone: string
  readonly service: (id: ServiceId) => Service | undefined
}

/** Writes the message of a ledger row in the customer's language. */
export type Render = (row: LedgerRow, customer: Customer) => Pick<Message, 'subject' | 'text' | 'html'>

const words: Readonly<Record<Language, TemplateWords>> = { zh, en }
const worstFirst: readonly ImpactState[] = ['down', 'degraded', 'atRisk']

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

/** The times of a zone; UTC is named, because nobody lives by it. */
function timeWriter(tag: string, timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat(tag, {
    timeZone,
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (at) => format.format(at) + (timeZone === 'UTC' ? ' (UTC)' : '')
}

/** What the sentences of a message are made from, in the customer's language. */
interface Parts {
  readonly use: TemplateWords
  readonly time: (at: number) => string
  readonly name: (service: ServiceId) => string
  /** All services of the message, in one text. */
  readonly services: string
  readonly many: boolean
  readonly worst: ImpactState
}

/** Paragraphs of a message: plain sentences, nothing from the inside of the network. */
function paragraphsOf(row: LedgerRow, { use, time, name, services, many, worst }: Parts): readonly string[] {
  const { facts } = row
  if (row.kind === 'restored')
    return [
      use.worksAgain(services, many),
      use.lasted(time(facts.onsetAt), time(facts.restoredAt ?? row.queuedAt)),
      use.ifNot,
      use.sorry,
    ]
  if (row.kind === 'progress')
    return [
      facts.etaAt === undefined ? use.noNewEta(services) : use.newEta(services, time(facts.etaAt)),
      use.whatToDo[worst],
      use.sorry,
    ]
  const suffering = worstFirst.flatMap((state) => {
    const affected = row.services.filter((service) => facts.states[service] === state)
    if (affected.length === 0) return []
    return [use.suffers[state](affected.map(name).join(use.and), affected.length > 1)]
  })
  return [
    [...suffering, use.since(time(facts.onsetAt))].join(use.betweenSentences),
    use.ourFault,
    facts.etaAt === undefined ? use.noEta : use.eta(time(facts.etaAt)),
    use.whatToDo[worst],
    use.sorry,
  ]
}

/** Makes the renderer. Names are text: line breaks are taken out, and HTML is escaped where it is written. */
export function createRenderer({ timeZone, service }: TemplateDeps): Render {
  const times = {
    zh: timeWriter(zh.tag, timeZone),
    en: timeWriter(en.tag, timeZone),
  } satisfies Record<Language, (at: number) => string>

  return (row, customer) => {
    const use = words[customer.language]
    const name = (id: ServiceId) => {
      const kind = service(id)?.class ?? 'other'
      const word = Object.hasOwn(use.classes, kind) ? use.classes[kind] : undefined
      return use.service(word ?? use.classes.other, plainLine(id))
    }
    const worst = worstFirst.find((state) => Object.values(row.facts.states).includes(state)) ?? 'down'
    const services = row.services.map(name).join(use.and)
    const many = row.services.length > 1
    const { outage, progress, restored } = use.subject
    const subject = plainLine(
      row.kind === 'outage'
        ? outage(services, worst, many)
        : row.kind === 'progress'
          ? progress(services)
          : restored(services, many),
    )
    const lines = [
      use.greeting(plainLine(customer.name)),
      ...paragraphsOf(row, { use, time: times[customer.language], name, services, many, worst }),
      use.reference(plainLine(row.incident)),
    ]
    return {
      subject,
      text: `${lines.join('\n\n')}\n`,
      html: [
        `<!doctype html><html lang="${use.tag}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>`,
        '<body style="font-family:sans-serif;font-size:16px;line-height:1.5">',
        ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
        '</body></html>',
      ].join('\n'),
    }
  }
}
