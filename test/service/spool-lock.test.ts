import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../src/platform/logger.ts'
import { lockSpool } from '../../src/store/spool/spool-lock.ts'
import { startDaemonProcess } from '../support/daemon-process.ts'

describe('the lock of a spool folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-spool-lock-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const log = createLogger('silent')

  it('is had once, and again when it was let go', () => {
    const path = join(folder, 'spool')
    const release = lockSpool(path, log)
    expect(() => lockSpool(path, log)).toThrow(
      expect.objectContaining({
        code: 'SPOOL_IN_USE',
        message: `another Faultline is running on the spool folder at ${path}`,
      }),
    )
    release()
    lockSpool(path, log)()
  })

  it('is not needed to start where nothing can be written, which is said', () => {
    writeFileSync(join(folder, 'in-the-way'), '')
    const said: { msg: string }[] = []
    const heard = createLogger('warn', { write: (line: string) => said.push(JSON.parse(line)) })
    lockSpool(join(folder, 'in-the-way', 'spool'), heard)()
    expect(said).toMatchObject([{ msg: 'spool folder cannot be locked against another daemon' }])
  })

  it('keeps a second daemon away from the spool of a first, and ends with one that is killed', async () => {
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    /** Daemons with a state of their own each, and one spool. */
    const start = async (name: string) => {
      const config = join(folder, `${name}.yaml`)
      await writeFile(
        config,
        `server: { listen: 127.0.0.1:0 }
state: { path: ${name}.db }
samples: { kind: embedded, path: ${name} }
spool: { path: spool }
elements: [{ id: cabinet }]
`,
      )
      return startDaemonProcess(process.execPath, [main, 'run', '--config', config])
    }
    await using first = await start('first')
    await expect(start('second')).rejects.toThrow(
      /the daemon ended with 1:[\s\S]*another Faultline is running on the spool folder/,
    )
    expect(await first.get('/healthz')).toMatchObject({ status: 'ok' })
    await first.end('SIGKILL')
    expect(existsSync(join(folder, 'spool', 'lock'))).toBe(true)
    await using second = await start('second')
    expect(await second.get('/healthz')).toMatchObject({ status: 'ok' })
  })
})
