import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../../src/notify/channel.ts'
import { createMailboxChannel } from '../../../src/notify/mailbox/mailbox-channel.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailbox-'))
})
afterEach(() => rm(folder, { recursive: true }))

const messageOf = (over: Partial<Message> = {}): Message => ({
  id: 'n-0001',
  to: 'wang@example.net',
  recipientName: '王小明',
  language: 'zh',
  subject: '业务中断通知',
  text: '您的宽带业务目前无法使用。\n',
  html: '<p>您的宽带业务目前无法使用。</p>',
  ...over,
})
const deliver = (message: Message, path = join(folder, 'box')) =>
  createMailboxChannel('mailbox', { path, from: 'Faultline <noc@localhost>' }).deliver(
    message,
    new AbortController().signal,
  )

describe('the mailbox folder', () => {
  it('holds each message as one complete file, for its owner only', async () => {
    expect(await deliver(messageOf())).toEqual({ outcome: 'sent', reference: 'n-0001.eml' })
    expect(await readdir(join(folder, 'box'))).toEqual(['n-0001.eml'])
    expect((await stat(join(folder, 'box', 'n-0001.eml'))).mode & 0o777).toBe(0o600)
    const eml = await readFile(join(folder, 'box', 'n-0001.eml'), 'utf8')
    expect(eml).toMatch(/^Message-ID: <n-0001@localhost>\r$/m)
    expect(eml).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m)
    expect(eml.replaceAll('\r\n', '')).not.toContain('\n')
  })

  it('holds a second copy of the same message once', async () => {
    await deliver(messageOf())
    await deliver(messageOf())
    expect(await readdir(join(folder, 'box'))).toHaveLength(1)
  })

  it('is not left by any id', async () => {
    for (const id of ['../../etc/x', '..', '.hidden', 'a/b', 'a\u0000b\n'])
      expect(await deliver(messageOf({ id }))).toMatchObject({ outcome: 'sent' })
    expect((await readdir(join(folder, 'box'))).toSorted()).toEqual([
      '_.eml',
      '__.._etc_x.eml',
      '_hidden.eml',
      'a_b.eml',
      'a_b_.eml',
    ])
    expect(await readdir(folder)).toEqual(['box'])
  })

  it('says so when it cannot be written', async () => {
    await deliver(messageOf())
    expect(await deliver(messageOf(), join(folder, 'box', 'n-0001.eml'))).toMatchObject({
      outcome: 'failed',
      reason: 'misconfigured',
      retry: true,
    })
  })
})
