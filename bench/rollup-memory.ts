/**
 * Memory and time of the roll-ups of one hour: 50,000 interfaces polled once a minute, and 1,000 elements by ICMP every
 * ten seconds. Prints JSON. Run with --expose-gc.
 */
import { sampleOf } from '../src/model/sample.ts'
import { createRollupBook } from '../src/sample/rollup/rollup-book.ts'

const interfaces = Number(process.argv[2] ?? 50_000)
const elements = Math.max(1, Math.round(interfaces / 50))
const noon = Date.UTC(2026, 2, 1, 12)
const graceMs = 90_000

const used = () => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { heapUsed, arrayBuffers, rss }
}
const mib = (bytes: number) => Math.round((bytes / 2 ** 20) * 10) / 10
const before = used()
const book = createRollupBook({ startedAt: noon, graceMs })
let rows = 0
let longestMs = 0
const cpu = process.cpuUsage()
function oneHour(start: number): void {
  for (let second = 0; second < 3_600; second += 10) {
    const at = start + second * 1_000
    for (let e = 0; e < elements; e++) {
      const tags = { element: `element-${e}`, vantage: 'nms' }
      book.accept([
        sampleOf('icmp', tags, { rtt_avg_ms: e + second / 7, loss_ratio: 0, jitter_ms: 0.5 }, at + e),
      ])
    }
    if (second % 60 === 0)
      for (let i = 0; i < interfaces; i++) {
        const tags = { element: `element-${i % elements}`, interface: `GigabitEthernet0/0/${i}` }
        const fields = { in_bps: 1e9 + i * second, out_bps: 5e8 + i, speed_bps: 1e10 }
        book.accept([sampleOf('interface', tags, fields, at + (i % elements))])
      }
    let last = performance.now()
    for (const batch of book.due(at)) {
      rows += batch.length
      longestMs = Math.max(longestMs, performance.now() - last)
      last = performance.now()
    }
  }
}
oneHour(noon)
const full = used()
const held = book.size()
oneHour(noon + 3_600_000)
const second = used()
const { user, system } = process.cpuUsage(cpu)
const bytes = full.heapUsed + full.arrayBuffers - before.heapUsed - before.arrayBuffers
console.log(
  JSON.stringify({
    interfaces,
    elements,
    ...held,
    heldMiB: mib(bytes),
    bytesPerSample: Math.round(bytes / held.samples),
    heldMiBSecondHour: mib(second.heapUsed + second.arrayBuffers - before.heapUsed - before.arrayBuffers),
    rssMiB: mib(second.rss),
    rows,
    longestBatchMs: Math.round(longestMs * 10) / 10,
    cpuSecondsPerHour: Math.round((user + system) / 2e4) / 100,
  }),
)
