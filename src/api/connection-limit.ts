import type { Server } from 'node:http'

/** Connections in all, and those of one address: none may keep the others out by holding all of them. */
const most = { inAll: 2_000, ofOneAddress: 500 }

/** Ends connections beyond the limits as they come. */
export function limitConnections(server: Server): void {
  server.maxConnections = most.inAll
  const held = new Map<string, number>()
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (held.get(address) ?? 0) + 1
    held.set(address, count)
    socket.once('close', () => {
      const left = (held.get(address) ?? 1) - 1
      if (left > 0) held.set(address, left)
      else held.delete(address)
    })
    if (count > most.ofOneAddress) socket.destroy()
  })
}
