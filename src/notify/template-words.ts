import type { ImpactState } from '../model/impact.ts'

/** The words of messages in one language. Times and names come in ready to print; `many` says several services. */
export interface TemplateWords {
  /** BCP 47 tag for dates and for the HTML document. */
  readonly tag: string
  /** Between the members of a list within a sentence. */
  readonly and: string
  readonly betweenSentences: string
  /** A class of service in plain words; classes that are not named are `other`. */
  readonly classes: Readonly<Record<string, string>> & { readonly other: string }
  readonly service: (classWord: string, id: string) => string
  readonly greeting: (name: string) => string
  readonly subject: {
    readonly outage: (services: string, worst: ImpactState, many: boolean) => string
    readonly progress: (services: string) => string
    readonly restored: (services: string, many: boolean) => string
  }
  /** What happens to a service. */
  readonly suffers: Readonly<Record<ImpactState, (services: string, many: boolean) => string>>
  readonly since: (time: string) => string
  readonly ourFault: string
  readonly eta: (time: string) => string
  readonly noEta: string
  readonly newEta: (services: string, time: string) => string
  readonly noNewEta: (services: string) => string
  readonly whatToDo: Readonly<Record<ImpactState, string>>
  readonly worksAgain: (services: string, many: boolean) => string
  readonly lasted: (from: string, until: string) => string
  readonly ifNot: string
  readonly sorry: string
  readonly reference: (id: string) => string
}
