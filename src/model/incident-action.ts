/** What a person may do with an incident. */
export type IncidentAction =
  | { readonly type: 'acknowledge' }
  | { readonly type: 'start'; readonly assignee?: string }
  | { readonly type: 'hold'; readonly reason: string }
  | { readonly type: 'note'; readonly text: string }
  /** UTC epoch milliseconds; null takes the promise back. */
  | { readonly type: 'eta'; readonly etaAt: number | null }
  | { readonly type: 'resolve' }
  | { readonly type: 'close' }
