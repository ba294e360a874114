import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'

const message = z.object({ id: z.string(), to: z.string(), subject: z.string() })
export type Received = z.infer<typeof message>

export interface SlowReceiver extends AsyncDisposable {
  readonly url: string
  /** Messages in the order in which they came; also those that nobody waited to be thanked for. */
  readonly received: readonly Received[]
}

/** The other end of a webhook channel, which takes a message at once and says so only after a while. */
export async function startSlowReceiver(answerAfterMs: number): Promise<SlowReceiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    received.push(message.parse(await json(request)))
    await setTimeout(answerAfterMs)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/messages`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
