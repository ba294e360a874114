import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { check } from '../../src/commands/check.ts'
import { mountSmallDisk } from '../support/tmpfs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-paths-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function checked(lines: readonly string[], at = folder) {
  const said: string[] = []
  const terminal = { out: () => {}, error: (text: string) => void said.push(text) }
  const file = join(folder, 'faultline.yaml')
  writeFileSync(
    file,
    [
      'elements: [{ id: core1, address: 192.0.2.1, uplinks: [nms] }]',
      ...lines.map((line) => line.replaceAll('@', at)),
    ].join('\n'),
  )
  const before = readdirSync(at)
  const code = await check(file, { env: {}, terminal })
  expect(readdirSync(at)).toEqual(before)
  return { code, said: said.join('\n').replaceAll(`${file}:`, '').replaceAll(folder, '@').split('\n') }
}

describe('paths in settings', () => {
  it('are all told with the setting, the line and the reason where nothing can be made', async () => {
    mkdirSync(join(folder, 'some-folder'))
    writeFileSync(join(folder, 'some-file'), '')
    const { code, said } = await checked([
      'state: { path: @/some-folder }',
      'spool: { path: @/some-file }',
      'samples: { kind: embedded, path: @/some-file/below/it }',
      'notify: { channels: { trial: { kind: mailbox, path: @/some-file } } }',
    ])
    expect(code).toBe(78)
    expect(said.slice(0, 4)).toEqual([
      '2:16  state.path  @/some-folder is no file',
      '3:16  spool.path  @/some-file is no folder',
      '4:34  samples.path  @/some-file is no folder, so @/some-file/below/it cannot be made',
      '5:53  notify.channels.trial.path  @/some-file is no folder',
    ])
  })

  it('are no problem where they are there already, or can be made', async () => {
    mkdirSync(join(folder, 'spool'))
    writeFileSync(join(folder, 'state.db'), '')
    const settings = [
      'state: { path: @/state.db }',
      'spool: { path: @/spool }',
      'samples: { kind: embedded, path: @/a/b }',
    ]
    expect(await checked(settings)).toEqual({ code: 0, said: [''] })
  })

  it('are warned of where this user may not write', async () => {
    await using disk = await mountSmallDisk(100_000)
    writeFileSync(join(disk.path, 'state.db'), '')
    disk.readOnly(true)
    const settings = [
      'state: { path: @/state.db }',
      'spool: { path: @/a/spool }',
      'samples: { kind: embedded, path: @ }',
    ]
    const { code, said } = await checked(settings, disk.path)
    expect(code).toBe(0)
    expect(said.map((line) => line.replaceAll(disk.path, '@'))).toEqual([
      'warning: @/faultline.yaml  state.path  this user may not write @/state.db (EROFS)',
      'warning: @/faultline.yaml  spool.path  this user may not write @/a/spool (EROFS)',
      'warning: @/faultline.yaml  samples.path  this user may not write @ (EROFS)',
    ])
  })
})
