// Paced UDP load to the discard port, for use inside the laboratory's namespaces only.
// Arguments: destination, kbit/s, seconds.
import { createSocket } from 'node:dgram'

const [to, kbit, seconds] = process.argv.slice(2)
if (!to?.startsWith('198.18.')) throw new Error('laboratory addresses only')
const payload = Buffer.alloc(1200, 'x')
const socket = createSocket('udp4')
// An ICMP "port unreachable" comes back for each; it is not of interest.
socket.on('error', () => undefined)
const gapMs = ((payload.length + 28) * 8) / Number(kbit)
const started = performance.now()
let sent = 0
const timer = setInterval(() => {
  const elapsed = performance.now() - started
  if (elapsed > Number(seconds) * 1000) {
    clearInterval(timer)
    socket.close()
    return
  }
  for (; sent * gapMs <= elapsed; sent++) socket.send(payload, 9, to)
}, 1)
