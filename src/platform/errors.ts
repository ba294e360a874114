/**
 * The table of error codes: what each means, whether trying again makes sense, and the HTTP status that the API gives
 * it. A guard test compares it with the table in docs/errors.md, both ways.
 */
export const errorCodes = {
  CONFIG_INVALID: { status: 500, retry: false, meaning: 'The configuration is not valid.' },
  ARGUMENT_INVALID: { status: 400, retry: false, meaning: 'A command was called with a wrong argument.' },
  REQUEST_INVALID: {
    status: 400,
    retry: false,
    meaning: 'The request does not match what this address takes.',
  },
  UNAUTHENTICATED: { status: 401, retry: false, meaning: 'A valid API token is needed.' },
  FORBIDDEN: { status: 403, retry: false, meaning: 'The role of this token may not do that.' },
  NOT_FOUND: { status: 404, retry: false, meaning: 'There is no such thing here.' },
  METHOD_NOT_ALLOWED: { status: 405, retry: false, meaning: 'This address does not take that method.' },
  CONFLICT: { status: 409, retry: false, meaning: 'The state of the thing does not allow that.' },
  PRECONDITION_FAILED: { status: 412, retry: false, meaning: 'It was changed by someone else meanwhile.' },
  BODY_TOO_LARGE: { status: 413, retry: false, meaning: 'The body of the request is too large.' },
  UNSUPPORTED_MEDIA: { status: 415, retry: false, meaning: 'The body must be JSON.' },
  RATE_LIMITED: { status: 429, retry: true, meaning: 'Too many requests; see Retry-After.' },
  INTERNAL: { status: 500, retry: true, meaning: 'Something went wrong here; it is in the log.' },
  STATE_UNAVAILABLE: { status: 503, retry: true, meaning: 'The state store could not be opened or written.' },
  STORE_UNAVAILABLE: {
    status: 503,
    retry: true,
    meaning: 'The sample store could not be reached or did not answer.',
  },
  STORE_REJECTED: {
    status: 502,
    retry: false,
    meaning: 'The sample store refused a write or a query for good.',
  },
  SPOOL_IN_USE: { status: 503, retry: true, meaning: 'Another Faultline is running on the spool folder.' },
  PROBE_FAILED: { status: 502, retry: true, meaning: 'A probe could not be carried out.' },
  PROBE_TIMEOUT: { status: 504, retry: true, meaning: 'An element did not answer within the time allowed.' },
  PROTOCOL_VIOLATION: { status: 502, retry: false, meaning: 'An element answered with something malformed.' },
  DELIVERY_FAILED: { status: 502, retry: true, meaning: 'A message could not be handed to its channel.' },
  LISTEN_FAILED: { status: 500, retry: false, meaning: 'An address to listen on could not be had.' },
} as const satisfies Record<string, { status: number; retry: boolean; meaning: string }>

export type ErrorCode = keyof typeof errorCodes

/** An expected failure with a code. `details` are for the log and the problem document: never secrets. */
export class FaultlineError extends Error {
  override readonly name = 'FaultlineError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  /** `explanation` says what happened this time, in words for the reader; the code says what kind of thing it is. */
  constructor(
    code: ErrorCode,
    explanation: string = errorCodes[code].meaning,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(explanation, options)
    this.code = code
    this.details = details
  }
}

/** What any thrown thing says, for a log line or a reason column. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
