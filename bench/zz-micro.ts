import { createSnmpProbe } from '../src/collect/snmp/snmp-probe.ts'
import { createSampler } from '../src/sample/sampler.ts'
import { probeDeps } from './engine.ts'
import { costOfNetSnmp } from './peers.ts'
import { startResponder } from './responder.ts'
import { snmpTargets } from './traffic.ts'

const arg = (n: string, d: number) =>
  Number(process.argv.find((a) => a.startsWith(`--${n}=`))?.split('=')[1] ?? d)
const elements = arg('elements', 1000),
  interfaces = arg('interfaces', 48),
  cap = arg('cap', 12000),
  cycles = arg('cycles', 5),
  delay = arg('delay', 0),
  dead = arg('dead', 0),
  flight = arg('flight', 100)
const responder = await startResponder({ kind: 'snmp', interfaces, capBytes: cap } as never, {
  delayMs: delay,
  deadPercent: dead,
})
const probe = await createSnmpProbe({ timeoutMs: 1000, retries: 1 }, probeDeps())
const targets = snmpTargets(elements, responder)
const sampler = createSampler({ vantage: 'x' })
let answered = 0,
  samples = 0
const outcomes: Record<string, number> = {}
const signal = new AbortController().signal
async function cycle() {
  const todo = [...targets]
  await Promise.all(
    Array.from({ length: flight }, async () => {
      for (let t = todo.pop(); t; t = todo.pop())
        await probe.measure(
          [t],
          (r) => {
            outcomes[r.outcome] = (outcomes[r.outcome] ?? 0) + 1
            if (r.outcome === 'answered') answered++
            else if (Math.random() < 0.01) console.log(r.problem)
            samples += sampler.accept(r, t as never).length
          },
          signal,
        )
    }),
  )
}
for (let i = 0; i < 4; i++) await cycle()
answered = 0
samples = 0
const before = await responder.stats()
const cpu = process.cpuUsage()
const t0 = performance.now()
for (let i = 0; i < cycles; i++) await cycle()
const used = process.cpuUsage(cpu)
const s = (used.user + used.system) / 1e6
const after = await responder.stats()
const vb = after.varbinds - before.varbinds,
  rq = after.requests - before.requests
console.log({
  vbPerCpuS: Math.round(vb / s),
  vbPerReply: vb / rq,
  usPerRequest: (s / rq) * 1e6,
  cpuPer1000: (s / cycles / elements) * 1000,
  cpuFor480: 480_000 / (vb / s),
  wall: (performance.now() - t0) / cycles,
  answered,
  samples,
  outcomes,
  rss: process.memoryUsage.rss() / 2 ** 20,
  user: used.user / 1e6,
  sys: used.system / 1e6,
})
if (globalThis.gc) { globalThis.gc(); console.log(process.memoryUsage()) }
await probe.close()
if (process.argv.includes('--peer')) {
  const n = await costOfNetSnmp(responder, { elements: 300, interfaces, rounds: 4 })
  console.log(n)
}
await responder.close()
