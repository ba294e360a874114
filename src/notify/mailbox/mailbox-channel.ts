import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../platform/errors.ts'
import type { Channel } from '../channel.ts'
import { composeMail, isMailAddress, notAnAddress } from '../compose-mail.ts'

export interface MailboxSettings {
  /** The folder; made when absent. */
  readonly path: string
  readonly from: string
}

/** Nothing but letters, digits, dot, dash and underscore, and no dot in front. */
const fileName = (id: string): string => `${id.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_')}.eml`

/** Writes messages as `.eml` files into a folder, for trials: they are complete, or not there. */
export function createMailboxChannel(name: string, { path, from }: MailboxSettings): Channel {
  return {
    name,
    async deliver(message) {
      if (!isMailAddress(message.to)) return notAnAddress
      const file = fileName(message.id)
      try {
        await mkdir(path, { recursive: true, mode: 0o700 })
        const draft = join(path, `.${file}.part`)
        const handle = await open(draft, 'w', 0o600)
        try {
          await handle.writeFile(await composeMail(message, from))
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(draft, join(path, file))
        return { outcome: 'sent', reference: file }
      } catch (error) {
        return { outcome: 'failed', retry: true, reason: 'misconfigured', explanation: messageOf(error) }
      }
    },
    async close() {},
  }
}
