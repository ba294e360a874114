/** What a person may do with an alarm. */
export type AlarmAction =
  | { readonly type: 'acknowledge' }
  | { readonly type: 'unacknowledge' }
  /** Until then, UTC epoch milliseconds. */
  | { readonly type: 'shelve'; readonly until: number; readonly reason: string }
  | { readonly type: 'unshelve' }
