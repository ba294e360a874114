import { messageOf } from '../../platform/errors.ts'
import type { Delivery } from '../channel.ts'

type Failed = Extract<Delivery, { outcome: 'failed' }>

const text = (error: unknown, key: string): string => {
  const value: unknown = error instanceof Error ? Reflect.get(error, key) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Replies that speak of us and not of the recipient (RFC 4954, RFC 3207): an operator can mend them. */
const ourFault = new Set(['530', '534', '535', '538', '523', '524'])

/**
 * What a failed SMTP delivery means. A 4xx reply may be tried again; a 5xx reply to the recipient or the message is
 * final; a 5xx reply to the connection, the login or the sender is about us, and is tried again because people mend it
 * (RFC 5321 §4.2.1). `handedOver`: the whole message was given to the connection, so that without a reply nobody
 * knows whether the server took it.
 */
export function smtpFailure(error: unknown, handedOver: boolean): Delivery {
  const explanation = messageOf(error)
  const failed = (reason: Failed['reason'], retry: boolean): Failed => ({
    outcome: 'failed',
    retry,
    reason,
    explanation,
  })
  const reply = text(error, 'responseCode')
  const code = text(error, 'code')
  const command = text(error, 'command')
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'ETLS' || code === 'ECONFIG' || ourFault.has(reply))
    return failed('misconfigured', true)
  if (reply.startsWith('4')) return failed('rateLimited', true)
  if (reply.startsWith('5')) {
    if (command === 'RCPT TO' || command === 'DATA') return failed('rejected', false)
    return command === 'MAIL FROM' ? failed('misconfigured', true) : failed('unreachable', true)
  }
  if (handedOver) return { outcome: 'uncertain', explanation }
  return code === 'EENVELOPE' ? failed('rejected', false) : failed('unreachable', true)
}
