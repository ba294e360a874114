import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Channel, Delivery } from '../channel.ts'
import { webhookSignature } from './webhook-signature.ts'

export interface WebhookSettings {
  readonly url: string
  /** Key of the signature. */
  readonly secret: string
}

/** A receiver has this long to answer, ms. */
const timeoutMs = 10_000
/** Of an answer only a little is read: enough for a reference, not enough to fill memory. */
const maxAnswerBytes = 16 * 1024

async function readLittle(response: Response): Promise<string> {
  if (!response.body) return ''
  const reader = response.body.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    while (size < maxAnswerBytes) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      size += value.byteLength
    }
  } finally {
    // Whatever is left is not wanted; it may well have failed already.
    await reader.cancel().catch(() => undefined)
  }
  return Buffer.concat(parts).toString().slice(0, maxAnswerBytes)
}

/** The receiver's own id for the message, where it answers with `{"reference": "…"}`. */
function referenceIn(answer: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(answer)
    const reference: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'reference') : undefined
    return typeof reference === 'string' ? reference.slice(0, 200) : undefined
  } catch {
    return undefined
  }
}

/** 2xx took it; 408, 425, 429 and 5xx may later; a redirect is not followed, because it was not configured. */
function byStatus(status: number, answer: string): Delivery {
  if (status >= 200 && status < 300) {
    const reference = referenceIn(answer)
    return { outcome: 'sent', ...(reference === undefined ? {} : { reference }) }
  }
  const explanation = `the receiver answered ${status}`
  if (status === 429) return { outcome: 'failed', retry: true, reason: 'rateLimited', explanation }
  if (status >= 500 || status === 408 || status === 425)
    return { outcome: 'failed', retry: true, reason: 'unreachable', explanation }
  if (status === 401 || status === 403 || status === 404 || (status >= 300 && status < 400))
    return { outcome: 'failed', retry: true, reason: 'misconfigured', explanation }
  return { outcome: 'failed', retry: false, reason: 'rejected', explanation }
}

/**
 * A signed HTTP POST of the message as JSON. Headers: `Faultline-Timestamp` (seconds), `Faultline-Signature`
 * (`v1=` and `webhookSignature`), `Idempotency-Key` (the message's id, the same at every try: because of it a lost
 * answer is safe to try again).
 */
export function createWebhookChannel(name: string, { url, secret }: WebhookSettings, clock: Clock): Channel {
  return {
    name,
    async deliver(message, signal) {
      const { id, to, recipientName, language, subject, text, html } = message
      const body = JSON.stringify({ id, to, recipientName, language, subject, text, html })
      const timestamp = String(Math.floor(clock.now() / 1000))
      try {
        const response = await fetch(url, {
          method: 'POST',
          body,
          redirect: 'manual',
          headers: {
            'Content-Type': 'application/json',
            'User-Agent': 'faultline',
            'Idempotency-Key': id,
            'Faultline-Timestamp': timestamp,
            'Faultline-Signature': `v1=${webhookSignature(secret, timestamp, body)}`,
          },
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        })
        return byStatus(response.status, await readLittle(response))
      } catch (error) {
        const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
        return { outcome: 'failed', retry: true, reason: 'unreachable', explanation: messageOf(cause) }
      }
    },
    async close() {},
  }
}
