/** What a person may do with an incident. */
export type IncidentAction =
  | { readonly type: 'acknowledge' }
  | { readonly type: 'start'; readonly assignee?: string }
  /** Null: nobody. */
  | { readonly type: 'assign'; readonly assignee: string | null }
  | { readonly type: 'hold'; readonly reason: string }
  | { readonly type: 'release' }
  | { readonly type: 'note'; readonly text: string }
  /** UTC epoch milliseconds; null takes the promise back. */
  | { readonly type: 'eta'; readonly etaAt: number | null }
  | { readonly type: 'resolve' }
  | { readonly type: 'reopen'; readonly reason: string }
  | { readonly type: 'close' }
