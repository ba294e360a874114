import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startApi } from '../support/api-bench.ts'

/** A connection that says nothing. */
async function silent(port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe('connections', () => {
  it('of one address cannot keep another out', async () => {
    await using bench = await startApi()
    const port = Number(new URL(bench.url).port)
    const held = await Promise.all(Array.from({ length: 500 }, () => silent(port, '127.0.0.2')))
    const oneMore = await silent(port, '127.0.0.2')
    if (!oneMore.closed) await once(oneMore, 'close')
    expect(held.filter((socket) => socket.closed)).toEqual([])
    expect((await bench.ask('/healthz')).status).toBe(200)

    for (const socket of held) socket.destroy()
    // The server hears of it a moment later: until then it turns the next one away.
    for (;;) {
      const next = await silent(port, '127.0.0.2')
      next.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const [what] = await Promise.race([once(next, 'data'), once(next, 'close')])
      if (String(what).startsWith('HTTP/1.1 200')) break
    }
  })
})
