import { describe, expect, it } from 'vitest'
import { revokeToken } from '../../src/api/tokens.ts'
import type { LiveEvent } from '../../src/model/live-event.ts'
import { startApi } from '../support/api-bench.ts'

const event = (id: string): LiveEvent => ({ topic: 'incident', id, change: 'opened', at: 0 })

/** Opens a stream and reads it block by block. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    response,
    /** The next block; undefined when the stream is over. */
    async next(): Promise<string | undefined> {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end >= 0) {
          const block = text.slice(0, end)
          text = text.slice(end + 2)
          return block
        }
        const chunk = await reader?.read()
        if (!chunk || chunk.done) return undefined
        text += chunk.value
      }
    },
    leave: () => leaving.abort(),
  }
}

describe('the event stream', () => {
  it('begins where things are, and tells what changes', async () => {
    await using bench = await startApi()
    bench.events.publish(event('inc-0'))
    const stream = await listen(`${bench.url}/api/v1/events`)
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await stream.next()).toBe('retry: 3000\nid: 1001')
    bench.events.publish(event('inc-1'))
    expect(await stream.next()).toBe(
      'id: 1002\nevent: incident\ndata: {"topic":"incident","id":"inc-1","change":"opened","at":"1970-01-01T00:00:00.000Z"}',
    )
  })

  it('goes on after the last event that the listener had', async () => {
    await using bench = await startApi()
    for (const id of ['inc-1', 'inc-2', 'inc-3']) bench.events.publish(event(id))
    const stream = await listen(`${bench.url}/api/v1/events`, { 'last-event-id': '1001' })
    expect(await stream.next()).toMatch(/^retry: 3000\nid: 1002\n.*"inc-2"/s)
    expect(await stream.next()).toMatch(/"inc-3"/)
    const other = await listen(`${bench.url}/api/v1/events?lastEventId=1002`)
    expect(await other.next()).toMatch(/"inc-3"/)
  })

  it.for(['7', '99999', 'abc'])('says that all is to be read anew when "%s" is not known', async (last) => {
    await using bench = await startApi()
    bench.events.publish(event('inc-1'))
    const stream = await listen(`${bench.url}/api/v1/events`, { 'last-event-id': last })
    expect(await stream.next()).toBe('retry: 3000\nevent: reset\ndata: {}\nid: 1001')
  })

  it('shows that it is alive when nothing happens', async () => {
    await using bench = await startApi()
    const stream = await listen(`${bench.url}/api/v1/events`)
    await stream.next()
    await bench.clock.advance(15_000)
    expect(await stream.next()).toBe(': still here')
  })

  it('ends when the token of its listener is revoked', async () => {
    await using bench = await startApi()
    const token = await bench.token('readonly')
    const stream = await listen(`${bench.url}/api/v1/events`, { authorization: `Bearer ${token}` })
    await stream.next()
    const { id } = await bench.db.selectFrom('api_token').select('id').executeTakeFirstOrThrow()
    await revokeToken(bench.db, id, bench.clock.now())
    await bench.clock.advance(15_000)
    expect(await stream.next()).toBeUndefined()
  })

  it('is closed at once when the API closes', async () => {
    await using bench = await startApi()
    const stream = await listen(`${bench.url}/api/v1/events`)
    await stream.next()
    const closing = bench.api.close()
    expect(await stream.next()).toBeUndefined()
    await closing
  })

  it('takes 200 listeners and no more, and room is made by who leaves', async () => {
    await using bench = await startApi()
    const streams = await Promise.all(Array.from({ length: 200 }, () => listen(`${bench.url}/api/v1/events`)))
    expect(await bench.ask('/api/v1/events')).toMatchObject({ status: 429, headers: { 'retry-after': '30' } })
    for (const stream of streams.slice(0, 100)) stream.leave()
    // Leaving shows on the server when the connection is gone; the next request may come before that.
    for (;;) {
      const next = await listen(`${bench.url}/api/v1/events`)
      if (next.response.status === 200) break
    }
  })

  it('lets one token hold 50 and no more, and the others in', async () => {
    await using bench = await startApi()
    const [wall, other] = [await bench.token('readonly'), await bench.token('readonly')]
    const as = (token: string) => ({ authorization: `Bearer ${token}` })
    const url = `${bench.url}/api/v1/events`
    const streams = await Promise.all(Array.from({ length: 50 }, () => listen(url, as(wall))))
    expect(streams.map(({ response }) => response.status)).toEqual(streams.map(() => 200))
    expect((await listen(url, as(wall))).response.status).toBe(429)
    expect((await listen(url, as(other))).response.status).toBe(200)
    for (const stream of streams.slice(0, 25)) stream.leave()
    for (;;) if ((await listen(url, as(wall))).response.status === 200) break
  })

  it('answers HEAD and ends', async () => {
    await using bench = await startApi()
    expect((await bench.ask('/api/v1/events', { method: 'HEAD' })).status).toBe(200)
  })
})
