import type { Response } from 'express'
import type { z } from 'zod'
import { errorCodes, FaultlineError } from '../platform/errors.ts'
import type { Problem } from './views/problem-schemas.ts'

interface FieldError {
  readonly path: string
  readonly message: string
}

/** The body of an error answer (RFC 9457). */
function problemOf(error: FaultlineError, instance: string): Problem {
  const { status, meaning } = errorCodes[error.code]
  const errors = fieldErrors(error)
  const { version } = error.details
  return {
    type: `urn:faultline:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: meaning,
    status,
    code: error.code,
    // What went wrong inside is for the log.
    detail: error.code === 'INTERNAL' ? meaning : error.message,
    instance,
    ...(errors.length > 0 ? { errors } : {}),
    ...(error.code === 'PRECONDITION_FAILED' && typeof version === 'number' ? { version } : {}),
  }
}

export function sendProblem(response: Response, error: FaultlineError, instance: string): void {
  const problem = problemOf(error, instance)
  if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer realm="faultline"')
  const { retryAfter } = error.details
  if (typeof retryAfter === 'number') response.set('Retry-After', String(retryAfter))
  // What is left of a body that is too large is not read.
  if (problem.status === 413) response.set('Connection', 'close')
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** A stage names one field in `details.field`; the edge names all that are wrong in `details.errors`. */
function fieldErrors({ details, message }: FaultlineError): FieldError[] {
  const { field, errors } = details
  if (typeof field === 'string') return [{ path: field, message }]
  return Array.isArray(errors) ? errors.filter(isFieldError) : []
}

const isFieldError = (value: unknown): value is FieldError =>
  typeof value === 'object' && value !== null && 'path' in value && 'message' in value

/** @throws FaultlineError REQUEST_INVALID with each field that is wrong. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.flatMap((issue): FieldError[] => {
    const path = issue.path.join('.')
    if (issue.code !== 'unrecognized_keys')
      // A text that was to be a number: what the validator made of it tells nobody anything.
      return [{ path, message: issue.message.replace(', received NaN', '') }]
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: 'is not known here',
    }))
  })
  const text = errors.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')
  throw new FaultlineError('REQUEST_INVALID', text, { errors })
}

/**
 * The same for a query, in which each parameter may stand once.
 * @throws FaultlineError REQUEST_INVALID.
 */
export function parseQuery<T extends z.ZodType>(schema: T, query: object): z.output<T> {
  const errors = Object.entries(query)
    .filter(([, value]) => Array.isArray(value))
    .map(([path]): FieldError => ({ path, message: 'is given more than once' }))
  if (errors.length === 0) return parse(schema, query)
  const text = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new FaultlineError('REQUEST_INVALID', text, { errors })
}

/** What Express and its body parser throw, and what nobody expected, as our own error. */
export function asFaultlineError(error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error
  const options = { cause: error }
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large')
    return new FaultlineError('BODY_TOO_LARGE', 'The body may have 64 KB at most.', {}, options)
  if (type === 'charset.unsupported' || type === 'encoding.unsupported')
    return new FaultlineError('UNSUPPORTED_MEDIA', 'The body must be plain UTF-8 JSON.', {}, options)
  if (type === 'entity.parse.failed')
    return new FaultlineError('REQUEST_INVALID', 'The body is not valid JSON.', {}, options)
  if (type === 'request.aborted' || type === 'request.size.invalid')
    return new FaultlineError('REQUEST_INVALID', 'The body ended early.', {}, options)
  if (error instanceof URIError)
    return new FaultlineError('REQUEST_INVALID', 'The address is not encoded correctly.', {}, options)
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new FaultlineError('STORE_UNAVAILABLE', 'The answer took too long.', {}, options)
  return new FaultlineError('INTERNAL', undefined, {}, options)
}
