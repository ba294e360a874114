import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/notify/channel.ts'
import { createSmtpChannel, type SmtpSettings } from '../../src/notify/smtp/smtp-channel.ts'

const messageOf = (over: Partial<Message> = {}): Message => ({
  id: 'n-0001',
  to: 'wang@example.net',
  recipientName: '王小明',
  language: 'zh',
  subject: '业务中断通知：宽带业务',
  text: '尊敬的王小明：\n\n您的宽带业务目前无法使用。\n',
  html: '<p>尊敬的王小明：</p>',
  ...over,
})
const never = new AbortController().signal

interface Mail {
  readonly to: readonly string[]
  readonly from: string
  readonly raw: string
  readonly session: string
}

/** A real SMTP server on loopback that keeps what it got. */
async function startSmtp(options: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      text(stream).then((raw) => {
        mails.push({
          raw,
          to: session.envelope.rcptTo.map(({ address }) => address),
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          session: session.id,
        })
        done()
      }, done)
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return { mails, port: portOf(server.server), ...closing((done) => server.close(done)) }
}
const closing = (close: (done: () => void) => void) => ({
  [Symbol.asyncDispose]: () => new Promise<void>((done) => close(done)),
})
const portOf = (server: Server): number => {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return address.port
}
const channelTo = (port: number, over: Partial<SmtpSettings> = {}) => {
  const channel = createSmtpChannel('email', {
    host: '127.0.0.1',
    port,
    from: 'Example Net <noc@example.net>',
    ...over,
  })
  return { ...channel, [Symbol.asyncDispose]: () => channel.close() }
}
const smtpError = (code: number) => Object.assign(new Error('no'), { responseCode: code })

/** A server that speaks just enough SMTP and then does as it is told with the connection. */
async function startScripted(on: (line: string, socket: Socket) => string | undefined) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write('220 test\r\n')
    let rest = ''
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const reply = on(line, socket)
        if (reply !== undefined) socket.write(`${reply}\r\n`)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    ...closing((done) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => done())
    }),
  }
}
const polite = (line: string): string | undefined =>
  /^(EHLO|MAIL|RCPT|RSET)/.test(line) ? '250 ok' : line === 'DATA' ? '354 go on' : undefined

describe('mail by SMTP', () => {
  it('arrives in UTF-8, with the ledger id as Message-ID and marked as automatic', async () => {
    await using smtp = await startSmtp()
    await using channel = channelTo(smtp.port)
    expect(await channel.deliver(messageOf(), never)).toEqual({
      outcome: 'sent',
      reference: '<n-0001@example.net>',
    })
    const [mail] = smtp.mails
    expect(mail).toMatchObject({ to: ['wang@example.net'], from: 'noc@example.net' })
    expect(mail?.raw).toMatch(/^Message-ID: <n-0001@example\.net>\r$/m)
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(mail?.raw).toMatch(/^Content-Language: zh\r$/m)
    expect(mail?.raw).toMatch(/^Subject: =\?UTF-8\?/m)
    const part = /text\/plain.*?base64\r\n\r\n(.*?)\r\n--/s.exec(mail?.raw ?? '')?.[1] ?? ''
    expect(Buffer.from(part, 'base64').toString()).toContain('您的宽带业务目前无法使用。')
  })

  it('keeps its connection for the next message', async () => {
    await using smtp = await startSmtp()
    await using channel = channelTo(smtp.port)
    for (const id of ['n-1', 'n-2', 'n-3']) await channel.deliver(messageOf({ id }), never)
    expect(new Set(smtp.mails.map(({ session }) => session)).size).toBe(1)
  })

  it('has no header that a name or a subject could add', async () => {
    await using smtp = await startSmtp()
    await using channel = channelTo(smtp.port)
    const bad = 'x\r\nBcc: all@example.net\r\n\r\n<script>'
    await channel.deliver(messageOf({ recipientName: bad, subject: bad }), never)
    const head = smtp.mails[0]?.raw.split('\r\n\r\n')[0] ?? ''
    expect(head).not.toMatch(/^Bcc:/im)
    expect(smtp.mails[0]?.to).toEqual(['wang@example.net'])
  })

  it('never goes to a contact that is not one address', async () => {
    await using smtp = await startSmtp()
    await using channel = channelTo(smtp.port)
    for (const to of ['a@b.net, c@d.net', 'a@b.net>\r\nRCPT TO:<c@d.net', ''])
      expect(await channel.deliver(messageOf({ to }), never)).toMatchObject({
        reason: 'rejected',
        retry: false,
      })
    expect(smtp.mails).toEqual([])
  })

  it.for([
    [550, 'rejected', false],
    [451, 'rateLimited', true],
  ] as const)('is %i at the recipient: %s, again: %s', async ([code, reason, retry]) => {
    await using smtp = await startSmtp({ onRcptTo: (_address, _session, done) => done(smtpError(code)) })
    await using channel = channelTo(smtp.port)
    expect(await channel.deliver(messageOf(), never)).toMatchObject({ outcome: 'failed', reason, retry })
  })

  it('logs in, and says so when it may not', async () => {
    await using smtp = await startSmtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'noc' && password === 'right' ? done(null, { user: 'noc' }) : done(smtpError(535)),
    })
    await using good = channelTo(smtp.port, { username: 'noc', password: 'right', tls: 'none' })
    expect(await good.deliver(messageOf(), never)).toMatchObject({ outcome: 'sent' })
    await using bad = channelTo(smtp.port, { username: 'noc', password: 'wrong', tls: 'none' })
    expect(await bad.deliver(messageOf(), never)).toMatchObject({ reason: 'misconfigured', retry: true })
  })

  it('is not sent in the clear when encryption is insisted on and not offered', async () => {
    await using smtp = await startSmtp()
    await using channel = channelTo(smtp.port, { tls: 'starttls' })
    expect(await channel.deliver(messageOf(), never)).toMatchObject({ outcome: 'failed', retry: true })
    expect(smtp.mails).toEqual([])
  })

  it('may be tried again when nobody is there', async () => {
    const gone = await startSmtp()
    await gone[Symbol.asyncDispose]()
    await using channel = channelTo(gone.port)
    expect(await channel.deliver(messageOf(), never)).toMatchObject({ reason: 'unreachable', retry: true })
  })

  it('may be tried again when the connection breaks before the message was given', async () => {
    await using server = await startScripted((line, socket) => {
      if (line.startsWith('RCPT')) socket.destroy()
      return polite(line)
    })
    await using channel = channelTo(server.port)
    expect(await channel.deliver(messageOf(), never)).toMatchObject({ reason: 'unreachable', retry: true })
  })

  it('is uncertain when the connection breaks after it was given and before the reply', async () => {
    await using server = await startScripted((line, socket) => {
      if (line === '.') socket.destroy()
      return polite(line)
    })
    await using channel = channelTo(server.port)
    expect(await channel.deliver(messageOf(), never)).toMatchObject({ outcome: 'uncertain' })
  })

  it('ends when it is told to give up', async () => {
    const giveUp = new AbortController()
    await using server = await startScripted((line) => {
      if (line.startsWith('EHLO')) giveUp.abort()
      return undefined
    })
    await using channel = channelTo(server.port)
    expect(await channel.deliver(messageOf(), giveUp.signal)).toMatchObject({
      outcome: 'failed',
      retry: true,
    })
  })
})
