import { Readable } from 'node:stream'
import { createTransport } from 'nodemailer'
import type { Channel } from '../channel.ts'
import { composeMail, isMailAddress, messageIdOf } from '../compose-mail.ts'
import { smtpFailure } from './smtp-failure.ts'

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  /** Sender, with or without a name before the address. */
  readonly from: string
  /**
   * `starttls` insists on STARTTLS, `implicit` begins with TLS (port 465). Absent: STARTTLS where it is offered, which
   * hides the mail from listeners but, without a login, does not check who the server is (RFC 7435).
   */
  readonly tls?: 'none' | 'starttls' | 'implicit'
  readonly username?: string
  readonly password?: string
}

/** Times are far below those of RFC 5321 §4.5.3.2, because a retry costs less than a sender that waits. */
const timeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
  dnsTimeout: 5_000,
}

/** Mail by SMTP over a few connections that are kept while there is mail to send. */
export function createSmtpChannel(name: string, settings: SmtpSettings): Channel {
  const { host, port, from, tls, username, password } = settings
  const transport = createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { rejectUnauthorized: tls !== undefined || username !== undefined },
    ...(username === undefined ? {} : { auth: { user: username, pass: password } }),
    ...timeouts,
    maxResponseSize: 64 * 1024,
    maxConnections: 4,
    maxMessages: 500,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  // Failures come with the message that they befall; without a listener an idle connection's would end the process.
  transport.on('error', () => {})
  const sender = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from

  return {
    name,
    async deliver(message, signal) {
      if (!isMailAddress(message.to))
        return {
          outcome: 'failed',
          retry: false,
          reason: 'rejected',
          explanation: 'the contact is not one mail address',
        }
      const bytes = await composeMail(message, from)
      const raw = Readable.from([bytes], { objectMode: false })
      let handedOver = false
      raw.once('end', () => {
        handedOver = true
      })
      try {
        await transport.sendMail({ envelope: { from: sender.trim(), to: message.to }, raw, signal })
        return { outcome: 'sent', reference: messageIdOf(message, from) }
      } catch (error) {
        return smtpFailure(error, handedOver)
      }
    },
    async close() {
      transport.close({ force: true })
    },
  }
}
