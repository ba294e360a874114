/** `degraded`: it works, and something beside it (the sample store) does not. */
export interface Readiness {
  readonly state: 'ready' | 'degraded' | 'notReady'
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly text: string }[]
}
