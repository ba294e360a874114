import { describe, expect, it, test } from 'vitest'
import { isMailAddress, messageIdOf } from '../../../src/notify/compose-mail.ts'
import { smtpFailure } from '../../../src/notify/smtp/smtp-failure.ts'

const errorOf = (fields: Readonly<Record<string, unknown>>) => Object.assign(new Error('no'), fields)

describe('what a failed SMTP delivery means', () => {
  test.for<[string, Readonly<Record<string, unknown>>, boolean, string, boolean]>([
    [
      'no such recipient is final',
      { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' },
      false,
      'rejected',
      false,
    ],
    [
      'a refused message is final',
      { code: 'EMESSAGE', responseCode: 554, command: 'DATA' },
      true,
      'rejected',
      false,
    ],
    [
      'a full mailbox may empty',
      { code: 'EENVELOPE', responseCode: 452, command: 'RCPT TO' },
      false,
      'rateLimited',
      true,
    ],
    ['a busy server may be free later', { responseCode: 421, command: 'CONN' }, false, 'rateLimited', true],
    [
      'a server that wants no connection may change',
      { responseCode: 554, command: 'CONN' },
      false,
      'unreachable',
      true,
    ],
    [
      'a wrong sender is ours to mend',
      { code: 'EENVELOPE', responseCode: 553, command: 'MAIL FROM' },
      false,
      'misconfigured',
      true,
    ],
    [
      'a wrong password is ours to mend',
      { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' },
      false,
      'misconfigured',
      true,
    ],
    ['a bad certificate is ours to mend', { code: 'ETLS', command: 'CONN' }, false, 'misconfigured', true],
    ['nobody there', { code: 'ESOCKET', command: 'CONN' }, false, 'unreachable', true],
    ['an aborted connection', { code: 'EABORT' }, false, 'unreachable', true],
  ])('%s', ([, fields, handedOver, reason, retry]) => {
    expect(smtpFailure(errorOf(fields), handedOver)).toMatchObject({ outcome: 'failed', reason, retry })
  })

  it('is unknown when the whole message was handed over and no reply came', () => {
    expect(smtpFailure(errorOf({ code: 'ETIMEDOUT', command: 'CONN' }), true).outcome).toBe('uncertain')
  })
})

describe('a mail address', () => {
  test.for<[string, boolean]>([
    ['wang@example.net', true],
    ['王@例子.中国', true],
    ['a@b.net, c@d.net', false],
    ['A <a@b.net>', false],
    ['a@b.net\r\nBcc: c@d.net', false],
    ['a@b@c', false],
    ['"a b"@c.net', false],
    ['a', false],
    [`a@${'b'.repeat(300)}`, false],
  ])('%j: %s', ([text, good]) => {
    expect(isMailAddress(text)).toBe(good)
  })

  it('of the sender gives the Message-ID its domain', () => {
    expect(messageIdOf({ id: 'n-1' }, 'Net <noc@example.net>')).toBe('<n-1@example.net>')
    expect(messageIdOf({ id: 'n>\r\n1' }, 'noc')).toBe('<n___1@localhost>')
  })
})
