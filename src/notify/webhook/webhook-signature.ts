import { createHmac } from 'node:crypto'

/**
 * The signature that a receiver computes over what it got: HMAC-SHA256 over the time in seconds as decimal digits, a
 * dot, and the body's bytes; in hexadecimal. The time is signed so that an old request cannot be sent again later.
 */
export const webhookSignature = (secret: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
