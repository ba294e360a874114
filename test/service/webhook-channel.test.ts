import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/notify/channel.ts'
import { createWebhookChannel } from '../../src/notify/webhook/webhook-channel.ts'
import { ManualClock } from '../support/manual-clock.ts'

const secret = 'a secret of some length'
const message: Message = {
  id: 'n-0001',
  to: '+86 10 1234',
  recipientName: '王小明 <b>',
  language: 'zh',
  subject: '业务中断通知',
  text: '您的宽带业务目前无法使用。',
  html: '<p>您的宽带业务目前无法使用。</p>',
}
const never = new AbortController().signal

/** A receiver that checks the signature as its documentation says, written apart from our own code. */
const isSigned = (headers: IncomingMessage['headers'], body: string): boolean => {
  const given = String(headers['faultline-signature'])
  const expected = `v1=${createHmac('sha256', secret)
    .update(String(headers['faultline-timestamp']))
    .update('.')
    .update(body)
    .digest('hex')}`
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
}

async function startReceiver(answer: (response: ServerResponse, body: string) => void) {
  const requests: {
    readonly headers: IncomingMessage['headers']
    readonly body: string
    readonly method: string
  }[] = []
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        requests.push({ headers: request.headers, body, method: request.method ?? '' })
        answer(response, body)
      },
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port')
  return {
    requests,
    url: `http://127.0.0.1:${address.port}/hook`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
const deliverTo = (url: string, signal = never) =>
  createWebhookChannel('hook', { url, secret }, new ManualClock('2026-03-01T08:00:00Z')).deliver(
    message,
    signal,
  )

describe('a webhook', () => {
  it('is a signed POST with everything that the receiver needs', async () => {
    await using receiver = await startReceiver((response) => response.end('{"reference":"sms-77"}'))
    expect(await deliverTo(receiver.url)).toEqual({ outcome: 'sent', reference: 'sms-77' })
    const [request] = receiver.requests
    expect(request?.method).toBe('POST')
    expect(JSON.parse(request?.body ?? '')).toEqual(message)
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'n-0001',
      'faultline-timestamp': String(Date.parse('2026-03-01T08:00:00Z') / 1000),
    })
    expect(isSigned(request?.headers ?? {}, request?.body ?? '')).toBe(true)
    expect(isSigned(request?.headers ?? {}, `${request?.body} `)).toBe(false)
    expect(isSigned({ ...request?.headers, 'faultline-timestamp': '0' }, request?.body ?? '')).toBe(false)
  })

  it.for([
    [204, 'sent', undefined, undefined],
    [400, 'failed', 'rejected', false],
    [403, 'failed', 'misconfigured', true],
    [429, 'failed', 'rateLimited', true],
    [503, 'failed', 'unreachable', true],
  ] as const)('answered with %i is %s', async ([status, outcome, reason, retry]) => {
    await using receiver = await startReceiver((response) => response.writeHead(status).end())
    expect(await deliverTo(receiver.url)).toMatchObject({ outcome, ...(reason ? { reason, retry } : {}) })
  })

  it('does not follow a redirect', async () => {
    await using other = await startReceiver((response) => response.end())
    await using receiver = await startReceiver((response) =>
      response.writeHead(307, { location: other.url }).end(),
    )
    expect(await deliverTo(receiver.url)).toMatchObject({ outcome: 'failed', reason: 'misconfigured' })
    expect(other.requests).toEqual([])
  })

  it('reads little of an answer that does not end', async () => {
    let written = 0
    await using receiver = await startReceiver((response) => {
      const pump = () => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536
          if (!response.write('x'.repeat(65_536))) return void response.once('drain', pump)
        }
      }
      pump()
    })
    expect(await deliverTo(receiver.url)).toEqual({ outcome: 'sent' })
    expect(written).toBeLessThan(50e6)
  })

  it('may be tried again when the connection breaks, nobody is there, or time is up', async () => {
    const again = { outcome: 'failed', reason: 'unreachable', retry: true }
    await using broken = await startReceiver((response) => response.destroy())
    expect(await deliverTo(broken.url)).toMatchObject(again)
    const gone = await startReceiver((response) => response.end())
    await gone[Symbol.asyncDispose]()
    expect(await deliverTo(gone.url)).toMatchObject(again)
    const giveUp = new AbortController()
    await using slow = await startReceiver(() => giveUp.abort())
    expect(await deliverTo(slow.url, giveUp.signal)).toMatchObject(again)
  })
})
