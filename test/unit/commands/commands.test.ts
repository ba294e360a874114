import { EventEmitter } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findToken } from '../../../src/api/tokens.ts'
import type { App } from '../../../src/app.ts'
import type { Probe } from '../../../src/collect/probe.ts'
import { check } from '../../../src/commands/check.ts'
import { type PollDeps, type PollRequest, poll } from '../../../src/commands/poll.ts'
import { runProgram } from '../../../src/commands/program.ts'
import { type RunDeps, run } from '../../../src/commands/run.ts'
import type { Terminal } from '../../../src/commands/terminal.ts'
import { createToken, endToken, printTokens } from '../../../src/commands/token.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { openStateDb } from '../../../src/platform/db/state-db.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const root = join(import.meta.dirname, '../../..')
const badConfig = join(root, 'test/fixtures/config/bad/several-problems-at-once.yaml')

let folder = ''
let config = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-commands-'))
  config = join(folder, 'faultline.yaml')
  await writeFile(
    config,
    'elements:\n  - { id: core1, address: 127.0.0.1, icmp: true, snmp: { version: 2c, community: c }, uplinks: [nms] }\n  - { id: cabinet, uplinks: [core1] }\n',
  )
})
afterAll(() => rm(folder, { recursive: true }))

class FakeTerminal implements Terminal {
  readonly #out: string[] = []
  readonly #errors: string[] = []
  out(text: string): void {
    this.#out.push(text)
  }
  error(text: string): void {
    this.#errors.push(text)
  }
  get said(): string {
    return this.#out.join('\n')
  }
  get complained(): string {
    return this.#errors.join('\n')
  }
}

async function faultline(...args: string[]) {
  const terminal = new FakeTerminal()
  const exit = (code: number) => {
    throw new Error(`exit ${code}`)
  }
  const deps = {
    version: '1.2.3',
    env: {},
    terminal,
    clock: new ManualClock(),
    signals: new EventEmitter(),
    exit,
  }
  const code = await runProgram(args, deps)
  return { code, said: terminal.said, complained: terminal.complained }
}

describe('faultline', () => {
  it('checks a good configuration and says what is in it', async () => {
    const { code, said, complained } = await faultline('check', '--config', config)
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
    expect(said).toMatch(/no problems; 3 elements \(1 polled\), 2 links, 0 customers, 0 services, \d+ rules$/)
  })

  it('tells by which policy each service is judged, and of which nothing is', async () => {
    const file = join(folder, 'sold.yaml')
    const services = Array.from(
      { length: 12 },
      (_, i) => `  - { id: s-${i}, customer: c-1, element: core1 }\n`,
    )
    const settings = `policies: [voice.yaml]
peak: { goodBelow: { jitter: 15ms } }
elements: [{ id: core1, address: 127.0.0.1, uplinks: [nms] }]
customers: [{ id: c-1, name: A, contacts: [{ channel: box, address: a@example.net }] }]
notify: { channels: { box: { kind: mailbox, path: box, from: noc@example.net } } }
services:
  - { id: v-1, customer: c-1, element: core1, class: voice }
${services.join('')}`
    const pack = `apiVersion: slpolicy/v1
pack: { id: ours, version: 4, title: { zh: 我们的, en: Our own } }
peakGood: [{ id: voice, match: { class: [voice] }, below: { loss: { value: 0.0015, verified: false } }, coverage: 0.9 }]
`
    await writeFile(file, settings)
    await writeFile(join(folder, 'voice.yaml'), pack)
    const { code, said, complained } = await faultline('check', '--config', file)
    expect(code).toBe(0)
    expect(complained).toMatch(
      /^warning: .*voice\.yaml:3:67 {2}policies\[0\]\.peakGood\[0\]\.below\.loss {2}is marked as not verified, and services are judged by it$/,
    )
    expect(said.split('\n').slice(1)).toEqual([
      'good at the peak, by ours 4 (Our own), with what peak.goodBelow sets:',
      expect.stringMatching(/^policy +good below +services$/),
      expect.stringMatching(/^ours\/voice 4 +loss 0\.15 %, jitter 15 ms, with 90 % measured +v-1$/),
      expect.stringMatching(
        /^none \(peak\.goodBelow\) +latency 100 ms, loss 1 %, jitter 15 ms, utilisation 80 %, with 80 % measured +s-0 s-1 .* s-9 and 2 more$/,
      ),
    ])
  })

  it('warns of elements that nothing joins with the vantage', async () => {
    const file = join(folder, 'islands.yaml')
    const far = Array.from({ length: 9 }, (_, i) => `  - { id: far${i}, uplinks: [a] }\n`).join('')
    await writeFile(
      file,
      `elements:\n  - { id: core1, uplinks: [nms] }\n  - { id: acc1 }\n  - { id: a, uplinks: [b] }\n  - { id: b, uplinks: [a] }\n  - { id: alone }\n${far}links: [{ a: { element: acc1 }, b: { element: core1 } }]\n`,
    )
    const { code, complained } = await faultline('check', '--config', file)
    expect(code).toBe(0)
    expect(complained).toBe(
      `warning: ${file}  elements  no way to the vantage "nms" (unless LLDP shows one): a, alone, b, far0, far1, far2, far3, far4, far5, far6 and 2 more`,
    )
  })

  it('names who asks for an encryption that this host has not', async () => {
    const file = join(folder, 'old-box.yaml')
    const snmp = (priv: string) =>
      `snmp: { version: 3, user: u, auth: { protocol: sha, password: secret-12 }, priv: { protocol: ${priv}, password: secret-34 } }`
    await writeFile(
      file,
      `elements:\n  - { id: old, address: 127.0.0.1, ${snmp('des')} }\n  - { id: new, address: 127.0.0.2, ${snmp('aes')} }\n`,
    )
    const terminal = new FakeTerminal()
    expect(await check(file, { env: {}, terminal, ciphers: ['aes-128-cfb'] })).toBe(78)
    expect(terminal.complained).toBe(
      `${file}  elements  "old" snmp.priv.protocol  the OpenSSL of this host does not offer des-ede3-cbc, which des needs`,
    )
    const here = new FakeTerminal()
    expect(await check(file, { env: {}, terminal: here })).toBe(0)
  })

  it('exits 78 with every problem of a bad configuration, from each command that reads one', async () => {
    for (const command of [
      ['check'],
      ['run'],
      [],
      ['poll', 'core1'],
      ['token', 'create', '--role', 'noc', '--name', 'wall'],
    ]) {
      const { code, said, complained } = await faultline(...command, '--config', badConfig)
      expect({ code, said }).toEqual({ code: 78, said: '' })
      expect(complained).toContain('  elements[0].uplinks[0]  no element "core9"')
      expect(complained).toMatch(/: 16 problems; this configuration cannot be used$/)
    }
  })

  it('exits 64 when it is called wrongly, and says how', async () => {
    for (const args of [
      ['check'],
      ['bogus'],
      ['check', '--bogus'],
      ['poll', '-c', config, 'a', '--seconds', '-1'],
    ]) {
      const { code, complained } = await faultline(...args)
      expect(code).toBe(64)
      expect(complained).toMatch(/^error: /)
    }
    expect(await faultline('poll', '-c', config, 'core9')).toMatchObject({
      code: 64,
      complained: 'no element "core9"',
    })
    expect((await faultline('poll', '-c', config, 'cabinet')).complained).toContain('not polled')
  })

  it.for([
    [['chek'], 'error: unknown command chek; did you mean check?'],
    [['Discover'], 'error: unknown command Discover; did you mean discover?'],
    [['faultline.yaml'], 'error: unknown command faultline.yaml; --help lists them'],
    [['\u001b[2J'], 'error: unknown command  [2J; --help lists them'],
  ] as const)('knows no command %j', async ([args, complained]) => {
    expect(await faultline(...args)).toEqual({ code: 64, said: '', complained })
  })

  it('tells its version and its commands', async () => {
    expect(await faultline('--version')).toMatchObject({ code: 0, said: '1.2.3' })
    const { code, said } = await faultline('--help')
    expect(code).toBe(0)
    for (const command of ['run', 'check', 'poll', 'token', 'schema']) expect(said).toContain(`  ${command}`)
  })

  it('prints the schema that is in config/schema.json', async () => {
    const { code, said } = await faultline('schema')
    expect(code).toBe(0)
    expect(`${said}\n`).toBe(await readFile(join(root, 'config/schema.json'), 'utf8'))
  })
})

describe('faultline run', () => {
  function start(app: Partial<App> = {}, file: string | undefined = config) {
    const terminal = new FakeTerminal()
    const signals = new EventEmitter()
    const started = Promise.withResolvers<string>()
    const exits: number[] = []
    const fake = (which: string) => async () => {
      started.resolve(which)
      return { url: 'http://127.0.0.1:8080', close: async () => [], ...app }
    }
    const clock = new ManualClock()
    const deps: RunDeps = {
      env: {},
      terminal,
      clock,
      signals,
      exit: (code) => exits.push(code),
      startApp: fake('daemon'),
      startDemo: fake('demo'),
    }
    return { terminal, clock, signals, exits, started: started.promise, ended: run(file, deps) }
  }

  it('runs the daemon until it is told to stop, and then exits 0', async () => {
    const { terminal, signals, started, ended } = start()
    expect(await started).toBe('daemon')
    signals.emit('SIGTERM')
    expect(await ended).toBe(0)
    expect(terminal.said).toBe('Faultline: http://127.0.0.1:8080')
    expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0)
  })

  it('runs the demo without a configuration', async () => {
    const signals = new EventEmitter()
    const terminal = new FakeTerminal()
    const app = { url: 'http://127.0.0.1:1', close: async () => [] }
    const startDemo = async () => {
      signals.emit('SIGINT')
      return app
    }
    const deps = {
      env: {},
      terminal,
      clock: new ManualClock(),
      signals,
      exit: () => {},
      startDemo,
      startApp: () => Promise.reject(new Error()),
    }
    expect(await run(undefined, deps)).toBe(0)
    expect(terminal.said).toBe('Faultline demo: http://127.0.0.1:1')
  })

  it('exits 1 and says what would not close', async () => {
    const { terminal, signals, started, ended } = start({
      close: async () => [new Error('closing mail: stuck')],
    })
    await started
    signals.emit('SIGINT')
    expect(await ended).toBe(1)
    expect(terminal.complained).toBe('closing mail: stuck')
  })

  it('ends at once with 1 when it is told a second time', async () => {
    const closing = Promise.withResolvers<readonly Error[]>()
    const { clock, signals, exits, started, ended } = start({ close: () => closing.promise })
    await started
    signals.emit('SIGINT')
    // The terminal, npm and the start script each pass on the same Ctrl-C.
    signals.emit('SIGINT')
    expect(exits).toEqual([])
    await clock.advance(600)
    signals.emit('SIGINT')
    expect(exits).toEqual([1])
    closing.resolve([])
    await ended
  })

  it('exits 1 with the reason when it cannot start', async () => {
    const terminal = new FakeTerminal()
    const startApp = () => Promise.reject(new FaultlineError('LISTEN_FAILED', '127.0.0.1:8080 is taken'))
    const deps = {
      env: {},
      terminal,
      clock: new ManualClock(),
      signals: new EventEmitter(),
      exit: () => {},
      startApp,
      startDemo: startApp,
    }
    expect(await run(config, deps)).toBe(1)
    expect(terminal.complained).toBe('faultline could not start: 127.0.0.1:8080 is taken (LISTEN_FAILED)')
  })
})

describe('faultline token create', () => {
  it('prints a token once that the API then knows', async () => {
    const terminal = new FakeTerminal()
    const clock = new ManualClock()
    const request = { config, role: 'noc', name: 'wall screen' }
    expect(await createToken(request, { env: {}, terminal, clock })).toBe(0)
    const db = await openStateDb(join(folder, 'data/state.db'))
    try {
      expect(await findToken(db, terminal.said, clock.now())).toMatchObject({
        name: 'wall screen',
        role: 'noc',
      })
    } finally {
      await db.destroy()
    }
    expect(terminal.complained).not.toContain(terminal.said)
  })

  it('refuses a role that does not exist and a name that would break a log line', async () => {
    for (const [role, name] of [
      ['boss', 'x'],
      ['noc', ''],
      ['noc', 'a\nb'],
      ['noc', 'x'.repeat(65)],
    ] as const) {
      const terminal = new FakeTerminal()
      const deps = { env: {}, terminal, clock: new ManualClock() }
      expect(await createToken({ config, role, name }, deps)).toBe(64)
      expect(terminal.said).toBe('')
    }
  })
})

describe('faultline token list', () => {
  it('tells which tokens there are and when they were used, and never what they are', async () => {
    const file = join(folder, 'listed.yaml')
    await writeFile(file, 'state: { path: listed.db }\nelements: [{ id: core1 }]\n')
    const clock = new ManualClock('2026-03-01T08:00:00Z')
    const terminal = new FakeTerminal()
    const deps = { env: {}, terminal, clock }
    expect(await printTokens(file, deps)).toBe(0)
    expect(terminal.complained).toBe('there is no token')
    for (const name of ['wall', 'desk 1']) await createToken({ config: file, role: 'desk', name }, deps)
    const [secret = '', other = ''] = terminal.said.split('\n')
    const db = await openStateDb(join(folder, 'listed.db'))
    const used = await findToken(db, secret, clock.now() + 3_600_000)
    await db.destroy()

    const revoked = new FakeTerminal()
    expect(await endToken(file, used?.id ?? '', { ...deps, terminal: revoked })).toBe(0)
    const listed = new FakeTerminal()
    expect(await printTokens(file, { ...deps, terminal: listed })).toBe(0)
    expect(listed.said.split('\n').map((row) => row.replace(/^tok\S+/, 'ID').split(/ {2,}/))).toEqual([
      ['id', 'role', 'name', 'created', 'last used', 'revoked'],
      ['ID', 'desk', 'wall', '2026-03-01 08:00 UTC', '2026-03-01 09:00 UTC', '2026-03-01 08:00 UTC'],
      ['ID', 'desk', 'desk 1', '2026-03-01 08:00 UTC', 'never'],
    ])
    expect(listed.said).not.toMatch(/flt_/)

    const after = await openStateDb(join(folder, 'listed.db'))
    expect(await findToken(after, secret, clock.now())).toBeUndefined()
    expect(await findToken(after, other, clock.now())).toMatchObject({ name: 'desk 1' })
    await after.destroy()
  })

  it('says so when there is no such token to revoke', async () => {
    const code = await faultline('token', 'revoke', 'tok_nope', '--config', config)
    expect(code).toEqual({ code: 1, said: '', complained: 'There is no valid token tok_nope. (NOT_FOUND)' })
  })

  it('is known as a command, as revoke is', async () => {
    expect((await faultline('token', 'list', '--config', badConfig)).code).toBe(78)
    expect((await faultline('token', 'revoke', 'x', '--config', badConfig)).code).toBe(78)
  })
})

describe('faultline poll', () => {
  const answered = { outcome: 'answered', durationMs: 3 } as const

  async function polled(request: Partial<PollRequest>, answer: (poll: number) => Reading) {
    const terminal = new FakeTerminal()
    const clock = new ManualClock(0)
    let polls = 0
    let closed = 0
    const asked = Promise.withResolvers<void>()
    const probe: Probe = {
      name: 'icmp',
      batched: true,
      engine: 'fake',
      measure: async (_targets, deliver) => {
        deliver(answer(++polls))
        asked.resolve()
      },
      close: async () => void closed++,
    }
    const openProbes: PollDeps['openProbes'] = async (_target, _settings, watches) => {
      watches?.watch({ sent: true, address: '192.0.2.1', port: 161, bytes: Buffer.from('no snmp') })
      watches?.watchBurst({ probe: 'icmp', address: '192.0.2.1', fate: 'answered', rttMs: 1.5, sequence: 7 })
      return [probe]
    }
    const ended = poll(
      { config, element: 'core1', json: true, ...request },
      { env: {}, terminal, clock, openProbes },
    )
    await asked.promise
    // Let what follows the first poll run, so that it sleeps before time moves on.
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(10_000)
    const code = await ended
    return { code, polls, closed, terminal }
  }

  const icmp = (at: number): Reading => ({
    element: 'core1',
    at,
    probe: 'icmp',
    ...answered,
    burst: { sent: 1, rttsMs: [1.5] },
  })

  it('asks once, prints what was said as JSON, and closes its probes', async () => {
    const { code, polls, closed, terminal } = await polled({}, () => icmp(0))
    expect({ code, polls, closed }).toEqual({ code: 0, polls: 1, closed: 1 })
    expect(JSON.parse(terminal.said)).toMatchObject({
      element: 'core1',
      readings: [{ probe: 'icmp', outcome: 'answered' }],
      samples: [
        { measurement: 'icmp', tags: { element: 'core1', vantage: 'nms' }, fields: { loss_ratio: 0 } },
      ],
    })
  })

  it('prints a table for people, and says how to get rates', async () => {
    const { terminal } = await polled({ json: false }, () => icmp(0))
    expect(terminal.said).toContain('icmp  answered')
    expect(terminal.complained).toContain('--seconds')
  })

  it('does not speak of rates when SNMP did not answer', async () => {
    const { code, terminal } = await polled({ json: false }, (at) => ({
      element: 'core1',
      at,
      probe: 'snmp',
      outcome: 'timeout',
      durationMs: 3_000,
      problem: 'no answer',
    }))
    expect(code).toBe(1)
    expect(terminal.complained).not.toContain('--seconds')
  })

  it('tells each packet beside the result when it is to be verbose', async () => {
    const { terminal } = await polled({ verbose: true }, () => icmp(0))
    expect(terminal.complained).toContain('0 ms → 192.0.2.1:161  7 bytes  no SNMP: 6e6f20736e6d70')
    expect(terminal.complained).toContain('icmp by fake')
    expect(terminal.complained).toContain('icmp  192.0.2.1  seq 7  1.5 ms')
    const { readings, packets } = JSON.parse(terminal.said)
    expect(readings).toHaveLength(1)
    expect(packets).toEqual([
      {
        probe: 'snmp',
        sent: true,
        address: '192.0.2.1',
        port: 161,
        afterMs: 0,
        bytes: 7,
        says: ['no SNMP: 6e6f20736e6d70'],
      },
      { probe: 'icmp', address: '192.0.2.1', fate: 'answered', rttMs: 1.5, sequence: 7 },
    ])
    const quiet = (await polled({}, () => icmp(0))).terminal
    expect(quiet.complained).not.toContain('→')
    expect(JSON.parse(quiet.said)).not.toHaveProperty('packets')
  })

  it('asks twice when it is given seconds, and shows the second answer', async () => {
    const { polls, terminal } = await polled({ seconds: 10 }, (count) => icmp(count * 10_000))
    expect(polls).toBe(2)
    expect(JSON.parse(terminal.said).readings).toMatchObject([{ at: 20_000 }])
  })

  it('exits 1 when the element does not answer', async () => {
    const silent: Reading = { element: 'core1', at: 0, probe: 'icmp', outcome: 'timeout', durationMs: 1_000 }
    expect((await polled({}, () => silent)).code).toBe(1)
  })

  it('keeps every digit of a counter', async () => {
    const counters = { inOctets: 18_446_744_073_709_551_615n, outOctets: 5n, width: 64 } as const
    const port = {
      element: 'core1',
      name: 'eth0',
      index: 1,
      description: '',
      alias: '',
      adminStatus: 'up',
      operStatus: 'up',
      speedBps: 0,
      seenAt: 0,
    } as const
    const system = { description: '', objectId: '', name: '', location: '', upTimeTicks: 1 }
    const agent = { system, interfaces: tableOf([{ port, counters }]), requests: 1 }
    const { terminal } = await polled({}, () => ({
      element: 'core1',
      at: 0,
      probe: 'snmp',
      ...answered,
      agent,
    }))
    expect(JSON.parse(terminal.said).readings[0].agent.interfaces[0].counters).toMatchObject({
      inOctets: '18446744073709551615',
      outOctets: 5,
    })
  })
})
