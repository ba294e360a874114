export type CustomerId = string

/** Way to reach a person. The name of a channel is a key of `notify.channels` in the configuration. */
export interface Contact {
  readonly channel: string
  readonly address: string
}

export type Language = 'zh' | 'en'

/** Who buys services. Contacts and names never leave the state store for samples, logs or metrics. */
export interface Customer {
  readonly id: CustomerId
  readonly name: string
  readonly language: Language
  /** `consumer`, `business`, `vip`, …: weighs impact and picks the policy. */
  readonly tier: string
  /** In the order in which they are tried. Never empty. */
  readonly contacts: readonly Contact[]
  /** `elderly`, `disabled`, `medical`, … */
  readonly flags: readonly string[]
}
