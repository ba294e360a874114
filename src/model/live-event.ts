/** What the console and integrators hear over server-sent events: "this changed, fetch it". No personal data. */
export interface LiveEvent {
  readonly topic: 'alarm' | 'incident' | 'report' | 'notification' | 'network' | 'maintenance'
  readonly id: string
  /** Short word for what happened, e.g. `raised`, `opened`, `sent`. */
  readonly change: string
  readonly at: number
}
