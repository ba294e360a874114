import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createIcmpProbe as createProbe } from '../../src/collect/icmp/icmp-probe.ts'
import type { Probe } from '../../src/collect/probe.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { measureIcmp as measure } from '../support/measure-icmp.ts'
import { has } from '../support/requires.ts'

const settings = { count: 3, timeoutMs: 300, spacingMs: 20, engine: 'fping' } as const
const metrics = createMetrics()
const deps = { clock: systemClock, log: pino({ enabled: false }), metrics }

const probes: Probe[] = []
const createIcmpProbe: typeof createProbe = async (...given) => {
  const probe = await createProbe(...given)
  probes.push(probe)
  return probe
}
afterEach(async () => {
  for (const probe of probes.splice(0)) await probe.close()
})

const failures = async (reason: string) =>
  (await metrics.engineFailures.get()).values.find(({ labels }) => labels.reason === reason)?.value ?? 0

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-icmp-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function script(name: string, ...lines: string[]): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(file, 0o755)
  return file
}
/** An fping that passes the start-up check, then does as the lines say. */
const fakeFping = (name: string, ...lines: string[]) =>
  script(
    name,
    'case "$*" in',
    '  -v) echo "fake: Version 9.9"; exit ;;',
    '  *127.0.0.1) echo "127.0.0.1 : 0.1" >&2; exit ;;',
    'esac',
    ...lines,
  )

describe.skipIf(!has('fping'))('the ICMP probe with fping', () => {
  it('says at the start what it runs and may do', async () => {
    expect((await createIcmpProbe(settings, deps)).engine).toMatch(
      /^fping \d+\.\d+, a packet every [\d.]+ ms$/,
    )
  })

  it('measures IPv4 and IPv6 targets together, however they are spelt', async () => {
    const probe = await createIcmpProbe(settings, deps)
    const readings = await measure(probe, ['127.0.0.1', '127.0.0.2', '::1', '0:0:0::1'])
    expect([...readings.keys()].sort()).toEqual(['0:0:0::1', '127.0.0.1', '127.0.0.2', '::1'])
    for (const { outcome, burst, problem } of readings.values()) {
      expect({ outcome, sent: burst?.sent, problem }).toEqual({
        outcome: 'answered',
        sent: 3,
        problem: undefined,
      })
      for (const rtt of burst?.rttsMs ?? [null]) expect(rtt).toBeLessThan(300)
    }
  })

  it('gives each of two elements with one address its reading', async () => {
    const probe = await createIcmpProbe(settings, deps)
    const target = { address: '127.0.0.1', icmp: true, speedOverrides: {} }
    const elements: string[] = []
    await probe.measure(
      [
        { ...target, element: 'a' },
        { ...target, element: 'b' },
      ],
      (reading) => elements.push(reading.element),
      AbortSignal.timeout(5_000),
    )
    expect(elements).toEqual(['a', 'b'])
  })

  it('sends nothing to what is not an address', async () => {
    const probe = await createIcmpProbe(settings, deps)
    const hostile = ['-h', '--version', 'localhost', '127.0.0.1; reboot', '127.0.0.1\n127.0.0.2', '']
    const readings = await measure(probe, [...hostile, '127.0.0.3'])
    for (const address of hostile)
      expect(readings.get(address)).toMatchObject({ outcome: 'notSent', problem: 'not an IP address' })
    expect(readings.get('127.0.0.3')?.outcome).toBe('answered')
  })

  it('says what is unusual about its packets', async () => {
    const probe = await createIcmpProbe({ ...settings, dscp: 46, sizeBytes: 1_400 }, deps)
    expect(probe.engine).toMatch(/^fping .* ms, DSCP 46, 1400 bytes$/)
  })

  it('shares out among processes what one cannot send in time', async () => {
    // 600 packets of 0.2 ms do not fit into 20 ms.
    const probe = await createIcmpProbe({ ...settings, count: 2 }, deps)
    const addresses = Array.from({ length: 600 }, (_, i) => `127.8.${i >> 8}.${i & 255 || 1}`)
    const readings = await measure(probe, [...new Set(addresses), '::1'])
    expect(readings.size).toBe(new Set(addresses).size + 1)
    expect([...readings.values()].filter(({ outcome }) => outcome !== 'answered')).toEqual([])
  })

  it('measures a thousand targets in one call', async () => {
    const probe = await createIcmpProbe(settings, deps)
    const addresses = Array.from({ length: 1_000 }, (_, i) => `127.9.${i >> 8}.${i & 255 || 1}`)
    const readings = await measure(probe, [...new Set(addresses)])
    expect(readings.size).toBe(new Set(addresses).size)
    expect([...readings.values()].filter(({ outcome }) => outcome !== 'answered')).toEqual([])
  })
})

describe('the ICMP probe with an fping that misbehaves', () => {
  const quick = { count: 1, timeoutMs: 50, spacingMs: 10, engine: 'fping' } as const

  it('kills one that hangs, and says that nothing is known', async () => {
    const probe = await createIcmpProbe(quick, { ...deps, fping: await fakeFping('hangs', 'exec sleep 600') })
    const readings = await measure(probe, ['127.0.0.5'])
    expect(readings.get('127.0.0.5')).toMatchObject({
      outcome: 'notSent',
      problem: 'fping did not finish in time and was killed',
    })
    expect(await failures('killed')).toBe(1)
  })

  it('starts another when one dies, for those that it left out, and counts it', async () => {
    const before = await failures('died')
    const [first, seen] = [join(folder, 'first'), join(folder, 'seen')]
    const fping = await fakeFping(
      'dies',
      `if mkdir ${first} 2>/dev/null; then echo "127.0.0.5 : 0.5" >&2; kill -SEGV $$; fi`,
      `cat > ${seen}; echo "127.0.0.6 : 0.6" >&2`,
    )
    const probe = await createIcmpProbe(quick, { ...deps, fping })
    const readings = await measure(probe, ['127.0.0.5', '127.0.0.6'])
    expect([...readings.values()].map(({ burst }) => burst?.rttsMs)).toEqual([[0.5], [0.6]])
    expect(await readFile(seen, 'utf8')).toBe('127.0.0.6\n')
    expect((await failures('died')) - before).toBe(1)
  })

  it('does not start another for ever', async () => {
    const before = await failures('died')
    const probe = await createIcmpProbe(quick, { ...deps, fping: await fakeFping('always', 'kill -KILL $$') })
    const readings = await measure(probe, ['127.0.0.5'])
    expect(readings.get('127.0.0.5')).toMatchObject({ outcome: 'notSent' })
    expect((await failures('died')) - before).toBe(2)
  })

  it('reads one that floods both outputs', async () => {
    const flood = 'head -c 3000000 /dev/zero | tr "\\0" "x" | fold -w 100'
    const fping = await fakeFping('floods', flood, `{ ${flood}; echo; echo "127.0.0.5 : 0.5"; } >&2`)
    const probe = await createIcmpProbe(quick, { ...deps, fping })
    expect((await measure(probe, ['127.0.0.5'])).get('127.0.0.5')?.burst?.rttsMs).toEqual([0.5])
  })

  it('says so when one leaves a target out', async () => {
    const probe = await createIcmpProbe(quick, { ...deps, fping: await fakeFping('forgets', 'exit 3') })
    const readings = await measure(probe, ['127.0.0.5', '::2'])
    for (const reading of readings.values())
      expect(reading).toMatchObject({ outcome: 'notSent', problem: 'fping gave no result for it' })
    expect(readings.size).toBe(2)
  })

  it('takes its word for a send error', async () => {
    const line = '127.0.0.5: error while sending ping: Operation not permitted'
    const fping = await fakeFping('errs', `echo "${line}" >&2`, 'echo "127.0.0.5 : -" >&2')
    const readings = await measure(await createIcmpProbe(quick, { ...deps, fping }), ['127.0.0.5'])
    expect(readings.get('127.0.0.5')).toMatchObject({
      outcome: 'notSent',
      problem: 'Operation not permitted',
    })
  })

  it('kills it on abort and tells nothing', async () => {
    const pidFile = join(folder, 'pid')
    const fping = await fakeFping('waits', `echo $$ > ${pidFile}`, 'exec sleep 600')
    const probe = await createIcmpProbe({ ...quick, timeoutMs: 60_000 }, { ...deps, fping })
    const abort = new AbortController()
    const measuring = measure(probe, ['127.0.0.5'], abort.signal)
    const pid = await vi.waitFor(async () => {
      const text = await readFile(pidFile, 'utf8')
      expect(text).toMatch(/^\d+\n$/)
      return Number(text)
    })
    abort.abort()
    expect((await measuring).size).toBe(0)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describe('the ICMP probe and its engines', () => {
  const missing = () => ({ fping: join(folder, 'missing'), perl: join(folder, 'missing') })

  it.skipIf(!has('ping'))('falls back on ping when there is no other', async () => {
    const probe = await createIcmpProbe({ ...settings, count: 2, engine: 'auto' }, { ...deps, ...missing() })
    expect(probe.engine).toBe('the ping program, at most 20 at a time')
    const readings = await measure(probe, ['127.0.0.1', '::1', '-h'])
    expect(readings.get('127.0.0.1')?.burst?.rttsMs).toEqual([expect.any(Number), expect.any(Number)])
    expect(readings.get('::1')).toMatchObject({ outcome: 'answered', burst: { sent: 2 } })
    expect(readings.get('-h')?.outcome).toBe('notSent')
  })

  it.skipIf(!has('fping'))('says aloud that the one asked for may not run, and takes another', async () => {
    const lines: unknown[] = []
    const log = pino({ level: 'error', base: null }, { write: (line) => lines.push(JSON.parse(line)) })
    const probe = await createIcmpProbe(
      { ...settings, engine: 'socket' },
      { ...deps, log, perl: join(folder, 'missing') },
    )
    expect(probe.engine).toMatch(/^fping /)
    expect(lines).toEqual([
      expect.objectContaining({ level: 50, engine: 'socket', reason: expect.stringContaining('ENOENT') }),
    ])
  })

  it('says that it sees nothing when there is no ping either', async () => {
    vi.stubEnv('PATH', folder)
    const probe = await createIcmpProbe({ ...settings, engine: 'auto' }, { ...deps, ...missing() })
    vi.unstubAllEnvs()
    expect(probe.engine).toMatch(/^none: /)
    const readings = await measure(probe, ['127.0.0.1'])
    expect(readings.get('127.0.0.1')?.outcome).toBe('notSent')
  })
})
