import { createTransport } from 'nodemailer'
import type { Delivery, Message } from './channel.ts'

/** One mailbox and nothing that could be read as a second one, a name, a comment or a line break (RFC 5321 §4.1.2). */
const mailbox = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()\\,;"\p{Cc}]{1,255}$/u

export const isMailAddress = (text: string): boolean => mailbox.test(text)

/** What comes of a message to anything else. */
export const notAnAddress: Delivery = {
  outcome: 'failed',
  retry: false,
  reason: 'rejected',
  explanation: 'the contact is not one mail address',
}

/** The Message-ID: the same for every copy of a message, so that a receiver can drop the second one. */
export const messageIdOf = (message: Pick<Message, 'id'>, from: string): string =>
  `<${message.id.replace(/[^A-Za-z0-9._-]/g, '_')}@${/@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'localhost'}>`

const composer = () => createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

/** The message as RFC 5322 bytes: text and HTML, UTF-8, CRLF. */
export async function composeMail(message: Message, from: string): Promise<Buffer> {
  const { message: bytes } = await composer().sendMail({
    messageId: messageIdOf(message, from),
    from,
    to: { name: message.recipientName, address: message.to },
    subject: message.subject,
    text: message.text,
    html: message.html,
    // RFC 3834: no holiday notice comes back. RFC 3282: the language, for readers who have it read aloud.
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': message.language },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  if (!Buffer.isBuffer(bytes)) throw new Error('the mail was not composed into a buffer')
  return bytes
}
