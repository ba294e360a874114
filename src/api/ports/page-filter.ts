/** Which page of a list is wanted, and how long it may be. */
export interface PageFilter {
  readonly limit: number
  readonly cursor?: string
}
