import { messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { InfluxClient } from './influx-client.ts'
import type { InfluxSettings } from './influx-settings.ts'

const policyName = 'faultline'

export interface InfluxDatabase {
  /** Creates the database and its retention policy unless that was done; tried again at the next call if it failed. */
  ready(signal: AbortSignal): Promise<void>
  /** As `ready`, although it was done: the database has gone. */
  createAgain(signal: AbortSignal): Promise<void>
}

/** Database and retention. A login that may only write is enough where an administrator has made the database. */
export function createInfluxDatabase(
  settings: InfluxSettings,
  client: InfluxClient,
  log: Logger,
): InfluxDatabase {
  const { database, retentionDays } = settings
  let done = false

  const setUp = async (signal: AbortSignal) => {
    await client.call((influx) => influx.createDatabase(database), signal)
    if (retentionDays !== undefined) await setRetention(retentionDays, signal)
    log.info({ database, retentionDays }, 'sample database is ready')
  }

  const setRetention = async (days: number, signal: AbortSignal) => {
    const duration = `${days}d`
    const policies = await client.call((influx) => influx.showRetentionPolicies(database), signal)
    const ours = policies.find(({ name }) => name === policyName)
    const options = { database, duration, replication: 1, isDefault: true }
    if (ours === undefined) {
      await client.call((influx) => influx.createRetentionPolicy(policyName, options), signal)
    } else if (ours.duration !== `${days * 24}h0m0s` || !ours.default) {
      await client.call((influx) => influx.alterRetentionPolicy(policyName, options), signal)
      log.info({ database, before: ours.duration, retentionDays: days }, 'retention of samples changed')
    }
  }

  const createAgain = async (signal: AbortSignal) => {
    try {
      await setUp(signal)
    } catch (error) {
      if (!isRejected(error)) throw error
      log.warn(
        { database, reason: messageOf(error) },
        'sample database could not be set up, going on without',
      )
    }
    done = true
  }

  return { ready: (signal) => (done ? Promise.resolve() : createAgain(signal)), createAgain }
}

const isRejected = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'STORE_REJECTED'
