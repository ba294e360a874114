// Lends a port inside a network namespace to the tests outside of it: a Unix socket is a file and not a network thing.
// Arguments: the socket's path, the port on 127.0.0.1.
import { connect, createServer } from 'node:net'

const [path, port] = process.argv.slice(2)
createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1')
  outside.pipe(inside).pipe(outside)
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ]) {
    one.on('error', () => other.destroy())
  }
}).listen(path)
