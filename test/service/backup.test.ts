import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listTokens, createToken as storeToken } from '../../src/api/tokens.ts'
import { runProgram } from '../../src/commands/program.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { startDaemonProcess } from '../support/daemon-process.ts'
import { eventually } from '../support/eventually.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('a backup', () => {
  let folder: string
  let config: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-backup-'))
    config = join(folder, 'faultline.yaml')
    await writeFile(
      config,
      `server: { listen: 127.0.0.1:0 }
state: { path: state.db }
samples: { kind: embedded, path: samples }
spool: { path: spool }
poll: { icmp: { interval: 1s, count: 2, timeout: 500ms } }
elements: [{ id: here, address: 127.0.0.1, icmp: true }]
`,
    )
  })
  afterEach(() => rm(folder, { recursive: true }))
  const at = (name: string) => join(folder, name)

  async function faultline(...args: readonly string[]) {
    const said: string[] = []
    const complained: string[] = []
    const code = await runProgram([...args, '--config', config], {
      version: 'test',
      env: {},
      terminal: { out: (text) => said.push(text), error: (text) => complained.push(text) },
      clock: new ManualClock('2026-03-01T08:00:00Z'),
      signals: process,
      exit: () => {},
    })
    return { code, said, complained: complained.join('\n') }
  }
  async function makeToken(name: string) {
    const db = await openStateDb(at('state.db'))
    await storeToken(db, { name, role: 'readonly' }, 0)
    await db.destroy()
  }
  async function tokensIn(file: string) {
    const db = await openStateDb(file)
    const names = (await listTokens(db)).map((token) => token.name)
    await db.destroy()
    return names
  }
  function pingsIn(file: string): number {
    const db = new DatabaseSync(file)
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'icmp_[0-9]*'").all()
    const counts = tables.map(({ name }) =>
      Number(db.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.n),
    )
    db.close()
    return counts.reduce((sum, count) => sum + count, 0)
  }

  it('is made of state and samples while the daemon writes both, and goes back when it has ended', async () => {
    await makeToken('before')
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    await using daemon = await startDaemonProcess(process.execPath, [main, 'run', '--config', config])
    await eventually(
      'some samples',
      () => existsSync(at('samples/samples.sqlite')) && pingsIn(at('samples/samples.sqlite')) > 1,
    )
    const made = await faultline('backup', at('copy'))
    expect(made).toMatchObject({ code: 0, complained: '' })
    expect(made.said).toEqual([
      expect.stringMatching(/^state: .*copy, \d+ bytes, checked$/),
      expect.stringMatching(/^samples: .*copy\.samples, \d+ bytes, checked$/),
    ])
    expect(statSync(at('copy')).mode & 0o077).toBe(0)
    const pings = pingsIn(at('copy.samples'))
    expect(pings).toBeGreaterThan(1)
    expect(await daemon.get('/healthz')).toMatchObject({ status: 'ok' })

    expect(await faultline('restore', at('copy'))).toMatchObject({
      code: 1,
      complained: expect.stringContaining('another Faultline is running'),
    })
    await daemon.end('SIGTERM')
    await makeToken('after')
    expect(await faultline('restore', at('copy'))).toMatchObject({ code: 0, complained: '' })
    expect(await tokensIn(at('state.db'))).toEqual(['before'])
    expect(pingsIn(at('samples/samples.sqlite'))).toBe(pings)
    expect(await tokensIn(at('state.db.before-2026-03-01T080000000Z'))).toEqual(['before', 'after'])
    expect(readdirSync(folder).filter((name) => /partial|restored/.test(name))).toEqual([])
  })

  it('is not made over a file that is there, nor of one that is damaged, and leaves nothing behind', async () => {
    await makeToken('one')
    writeFileSync(at('there'), 'mine')
    expect(await faultline('backup', at('there'))).toMatchObject({
      code: 1,
      complained: expect.stringContaining('there is something already'),
    })
    expect(statSync(at('there')).size).toBe(4)
    writeFileSync(at('state.db'), 'no database, '.repeat(1_000))
    expect((await faultline('backup', at('copy'))).code).toBe(1)
    expect(readdirSync(folder).toSorted()).toEqual(['faultline.yaml', 'state.db', 'there'])
  })

  it('makes no folder: a disk that is not mounted would not be missed', async () => {
    await makeToken('one')
    expect(await faultline('backup', at('mnt/copy'))).toMatchObject({
      code: 64,
      complained: `there is no folder ${at('mnt')}: nothing was copied`,
    })
    expect(existsSync(at('mnt'))).toBe(false)
  })

  it('leaves all as it is when what should be restored is no state store', async () => {
    await makeToken('kept')
    writeFileSync(at('copy'), 'no database, '.repeat(1_000))
    expect(await faultline('restore', at('copy'))).toMatchObject({
      code: 1,
      complained: expect.stringContaining('nothing was restored'),
    })
    const other = new DatabaseSync(at('other'))
    other.exec('CREATE TABLE someone_elses (id)')
    other.close()
    expect(await faultline('restore', at('other'))).toMatchObject({
      code: 1,
      complained: expect.stringContaining('other is no state store of Faultline'),
    })
    expect(await tokensIn(at('state.db'))).toEqual(['kept'])
    expect(readdirSync(folder).filter((name) => /partial|restored|before/.test(name))).toEqual([])
  })

  it('can be of the state alone', async () => {
    await makeToken('one')
    expect(await faultline('backup', '--no-samples', at('copy'))).toMatchObject({ code: 0 })
    expect(await tokensIn(at('copy'))).toEqual(['one'])
    expect(existsSync(at('copy.samples'))).toBe(false)
  })
})
