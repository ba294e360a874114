import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'

/** How often connections in use are looked at: what comes in between is the most that an answer may be too long. */
const lookEveryMs = 50

export interface BoundedAgent {
  readonly agent: HttpAgent | HttpsAgent
  /** To be called with each request: looks at its connection until there is none in use. */
  watch(): void
}

/**
 * Kept-alive connections that are cut when one answer is longer than so many bytes: for a caller that takes in a whole
 * answer, however long it gets.
 */
export function createBoundedAgent(secure: boolean, mostBytes: number): BoundedAgent {
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  /** Bytes that came over a connection before the answer that comes now. */
  const before = new WeakMap<Socket, number>()
  let isLooking = false

  const look = () => {
    const inUse = Object.values(agent.sockets).flatMap((sockets) => sockets ?? [])
    for (const socket of inUse)
      if (socket.bytesRead - (before.get(socket) ?? 0) > mostBytes)
        socket.destroy(new Error(`the answer is longer than ${mostBytes} bytes`))
    isLooking = inUse.length > 0
    if (isLooking) setTimeout(look, lookEveryMs).unref()
  }

  agent.on('free', (socket: Socket) => before.set(socket, socket.bytesRead))
  return {
    agent,
    watch: () => {
      if (!isLooking) setTimeout(look, lookEveryMs).unref()
      isLooking = true
    },
  }
}
