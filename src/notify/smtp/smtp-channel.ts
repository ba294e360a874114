import { createTransport } from 'nodemailer'
import type { Channel } from '../channel.ts'
import { composeMail, isMailAddress, messageIdOf, notAnAddress } from '../compose-mail.ts'
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
  // The body is read from this stream only after the server asked for it; its end is all that can be known of the rest.
  const handedOver = new Set<unknown>()
  transport.use('stream', (mail, done) => {
    const make = mail.message.createReadStream.bind(mail.message)
    mail.message.createReadStream = (options) =>
      make(options).once('end', () => handedOver.add(mail.data.messageId))
    done()
  })
  const sender = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from

  return {
    name,
    async deliver(message, signal) {
      if (!isMailAddress(message.to)) return notAnAddress
      const messageId = messageIdOf(message, from)
      try {
        const raw = await composeMail(message, from)
        await transport.sendMail({
          messageId,
          envelope: { from: sender.trim(), to: message.to },
          raw,
          signal,
        })
        return { outcome: 'sent', reference: messageId }
      } catch (error) {
        return smtpFailure(error, handedOver.has(messageId))
      } finally {
        handedOver.delete(messageId)
      }
    },
    async close() {
      transport.close({ force: true })
    },
  }
}
