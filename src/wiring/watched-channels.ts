import type { SystemStatus } from '../model/system-status.ts'
import type { Channel, Delivery } from '../notify/channel.ts'
import type { Clock } from '../platform/clock.ts'

export interface WatchedChannels {
  readonly channels: ReadonlyMap<string, Channel>
  status(now: number): SystemStatus['channels']
}

interface Health {
  isTried: boolean
  failingSince?: number
  problem?: string
}

/** A message that was refused for what it is says that the channel works. */
const hasWorked = (delivery: Delivery): boolean =>
  delivery.outcome === 'sent' || (delivery.outcome === 'failed' && delivery.reason === 'rejected')

/** The same channels, watched for whether anything goes out by them. */
export function watchChannels(channels: ReadonlyMap<string, Channel>, clock: Clock): WatchedChannels {
  const healths = new Map<string, Health>()

  function watched(channel: Channel): Channel {
    const health: Health = { isTried: false }
    healths.set(channel.name, health)
    const note = (problem: string | undefined) => {
      health.isTried = true
      if (problem === undefined) {
        delete health.failingSince
        delete health.problem
        return
      }
      health.failingSince ??= clock.now()
      health.problem = problem
    }
    return {
      name: channel.name,
      async deliver(message, signal) {
        try {
          const delivery = await channel.deliver(message, signal)
          // What the channel says may hold the address of the customer.
          note(
            hasWorked(delivery)
              ? undefined
              : delivery.outcome === 'failed'
                ? delivery.reason
                : 'no result in time',
          )
          return delivery
        } catch (error) {
          note('it failed')
          throw error
        }
      },
      close: () => channel.close(),
    }
  }

  return {
    channels: new Map([...channels].map(([name, channel]) => [name, watched(channel)])),
    status: (now) =>
      [...healths].map(([name, { isTried, failingSince, problem }]) => ({
        name,
        ...(isTried ? { failingMs: failingSince === undefined ? 0 : Math.max(1, now - failingSince) } : {}),
        ...(problem === undefined ? {} : { problem }),
      })),
  }
}
