import type { Config } from '../config/schema.ts'
import type { Channel } from '../notify/channel.ts'
import { createMailboxChannel } from '../notify/mailbox/mailbox-channel.ts'
import { createSmtpChannel } from '../notify/smtp/smtp-channel.ts'
import { createWebhookChannel } from '../notify/webhook/webhook-channel.ts'
import type { Clock } from '../platform/clock.ts'

function openChannel(name: string, settings: Config['notify']['channels'][string], clock: Clock): Channel {
  if (settings.kind === 'smtp') return createSmtpChannel(name, settings)
  if (settings.kind === 'webhook') return createWebhookChannel(name, settings, clock)
  return createMailboxChannel(name, settings)
}

/** The ways to tell customers, by the name that contacts use. Nothing is connected yet. */
export const openChannels = (
  settings: Readonly<Record<string, Config['notify']['channels'][string]>>,
  clock: Clock,
): ReadonlyMap<string, Channel> =>
  new Map(Object.entries(settings).map(([name, channel]) => [name, openChannel(name, channel, clock)]))
