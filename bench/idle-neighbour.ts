import { spawn } from 'node:child_process'
import { once } from 'node:events'

const program = `
const { monitorEventLoopDelay } = require('node:perf_hooks')
const delays = monitorEventLoopDelay({ resolution: 1 })
delays.enable()
process.stdin.on('end', () => console.log((delays.percentile(99) / 1e6 - 1).toFixed(3))).resume()
`

/**
 * A process that does nothing but look at the clock each millisecond. Its answer is how late this machine wakes it, p99
 * in ms: what is measured beside it by a clock in user space cannot be better than that.
 */
export function startIdleNeighbour(): () => Promise<number> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  return async () => {
    const answer = once(child.stdout, 'data')
    child.stdin.end()
    return Number(String((await answer)[0]))
  }
}
