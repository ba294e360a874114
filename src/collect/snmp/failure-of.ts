import { RequestFailedError, RequestTimedOutError, ResponseInvalidError } from 'net-snmp'
import { messageOf } from '../../platform/errors.ts'
import { SnmpFailure } from './snmp-failure.ts'

/** Text of a timeout, before it is explained. */
export const silence = 'no answer'

/** errorStatus of RFC 3416. */
const errorStatus = { tooBig: 1, noSuchName: 2, genErr: 5 } as const

/** `ResponseInvalidCode` of the library. */
const invalid = {
  couldNotDecrypt: 4,
  authFailure: 5,
  otherOids: 6,
  unexpectedReport: 11,
  notInTimeWindow: 14,
} as const

/** What the USM Reports say (RFC 3414 §3.2), by the library's words for them. */
const reports: readonly (readonly [libraryText: string, text: string])[] = [
  ['Unsupported Security Level', 'the agent does not allow this security level for the user'],
  ['Unknown User Name', 'the agent does not know the user'],
  ['Unknown Engine ID', 'the agent did not accept its own engine id'],
  ['Wrong Digest', 'wrong authentication password or protocol'],
  ['Decryption Error', 'wrong privacy password or protocol'],
]

const invalidText = (error: ResponseInvalidError): string => {
  // The library's own texts may hold digests, so only those that are known are shown.
  const report = reports.find(([libraryText]) => error.message.startsWith(libraryText))
  if (report !== undefined) return report[1]
  if (error.code === invalid.couldNotDecrypt) return 'the answer could not be decrypted'
  if (error.code === invalid.authFailure) return 'the answer is not authentic'
  if (error.code === invalid.notInTimeWindow) return 'the answer is outside the time window'
  if (error.code === invalid.otherOids) return 'the answer is not about what was asked'
  return 'the answer is not acceptable'
}

const securityCodes: ReadonlySet<number> = new Set([
  invalid.couldNotDecrypt,
  invalid.authFailure,
  invalid.unexpectedReport,
  invalid.notInTimeWindow,
])

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

/** Sorts what the library reports. Texts are for people and hold no secret. */
export function failureOf(error: Error): SnmpFailure {
  if (error instanceof SnmpFailure) return error
  if (error instanceof RequestTimedOutError) return new SnmpFailure('timeout', silence)
  if (error instanceof RequestFailedError) {
    const oid = / ([\d.]+)$/.exec(error.message)?.[1]
    const text = `the agent answered with the error ${error.message}`
    // Some agents say genErr where they mean tooBig; asked for less, they answer.
    if (error.status === errorStatus.tooBig || error.status === errorStatus.genErr)
      return new SnmpFailure('tooBig', text, oid)
    return new SnmpFailure(error.status === errorStatus.noSuchName ? 'noSuchName' : 'refused', text, oid)
  }
  if (error instanceof ResponseInvalidError)
    return new SnmpFailure(securityCodes.has(error.code) ? 'stale' : 'refused', invalidText(error))
  const code = codeOf(error)
  if (code === 'ERR_OSSL_EVP_UNSUPPORTED')
    return new SnmpFailure('refused', 'the OpenSSL of this host does not offer that cipher or digest')
  return new SnmpFailure('notSent', `could not send: ${code === '' ? messageOf(error) : code}`)
}
