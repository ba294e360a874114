import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { InfluxClient } from './influx-client.ts'
import type { InfluxHttp } from './influx-http.ts'
import type { InfluxSettings } from './influx-settings.ts'
import { errorText } from './partial-write.ts'

const policyName = 'faultline'

export interface InfluxDatabase {
  /**
   * Makes the database and its retention policy when they are missing, and compares the policy with the configuration.
   * Resolves with what differs and stays so, in words.
   * @throws FaultlineError STORE_UNAVAILABLE when the server is away, STORE_REJECTED when an administrator has to act.
   */
  prepare(signal: AbortSignal): Promise<string | undefined>
  /** As `prepare`, once: before the first write. A refusal is only logged, since the write itself may be allowed. */
  ready(signal: AbortSignal): Promise<void>
  /** As `ready`, although it was done: the database has gone. */
  createAgain(signal: AbortSignal): Promise<void>
}

interface InfluxDatabaseDeps {
  readonly client: InfluxClient
  readonly http: Pick<InfluxHttp, 'send'>
  readonly log: Logger
}

interface Policy {
  readonly name: string
  /** As the server tells it: `2160h0m0s`, `0s` for ever. */
  readonly duration: string
  readonly replicaN: number
  readonly default: boolean
}

/** Database and retention. A login that may only write is enough where an administrator has made the database. */
export function createInfluxDatabase(
  settings: InfluxSettings,
  { client, http, log }: InfluxDatabaseDeps,
): InfluxDatabase {
  const { database, retentionDays, alterRetention = true } = settings
  const emptyWrite = {
    method: 'POST',
    path: 'write',
    query: { db: database },
    body: Buffer.alloc(0),
  } as const
  let done = false
  let told: string | undefined
  let underWay: Promise<string | undefined> | undefined

  const policiesOf = (signal: AbortSignal): Promise<readonly Policy[]> =>
    client.call((influx) => influx.showRetentionPolicies(database), signal)

  /** The retention policies of the database, which is made if it is missing; undefined when they are not shown to us. */
  const findDatabase = async (signal: AbortSignal): Promise<readonly Policy[] | undefined> => {
    try {
      return await policiesOf(signal)
    } catch (error) {
      if (!mayBeMissing(error)) throw error
      const isMissing = isNotFound(error)
      const made = await refusalOf(client.call((influx) => influx.createDatabase(database), signal))
      if (made === undefined) {
        if (isMissing) log.info({ database }, 'sample database made')
        return policiesOf(signal)
      }
      // A database that is missing and one that is not ours to see are told alike here; a write tells them apart.
      await checkWrite(
        `we may not make it (${made}): an administrator has to, with CREATE DATABASE "${database}"`,
        signal,
      )
      return undefined
    }
  }

  /** @throws FaultlineError STORE_REJECTED when nothing can be written: there is no database, or it is not for us. */
  const checkWrite = async (howToMake: string, signal: AbortSignal) => {
    const { status, body } = await http.send(emptyWrite, signal)
    if (status === 404) throw rejected(`there is no database ${database}, and ${howToMake}`)
    if (status === 401 || status === 403)
      throw rejected(`we may not write to ${database}: HTTP ${status}: ${errorText(body)}`)
  }

  const checkAll = async (signal: AbortSignal): Promise<string | undefined> => {
    const { version } = await http.send({ method: 'GET', path: 'ping' }, signal)
    // From 2.0 on a bucket stands for the database. An administrator makes it, with a retention of its own.
    if (version !== undefined && /^v?[2-9]\./.test(version)) {
      await checkWrite(`an administrator has to map it to a bucket, with influx v1 dbrp create`, signal)
      return undefined
    }
    const policies = await findDatabase(signal)
    return policies === undefined ? hidden : checkRetention(policies, signal)
  }

  /** Asked again and again; said when it changes. */
  const say = (problem: string | undefined, message: string) => {
    if (problem !== undefined && problem !== told) log.warn({ database, retentionDays, problem }, message)
    told = problem
  }

  const setUp = async (signal: AbortSignal): Promise<string | undefined> => {
    const remark = await checkAll(signal)
    if (!done) log.info({ database, retentionDays }, 'sample database is ready')
    say(remark, 'sample database is not as configured')
    return remark
  }

  /** What differs from the configuration, unless it could be changed. */
  const checkRetention = async (policies: readonly Policy[], signal: AbortSignal) => {
    if (retentionDays === undefined) return undefined
    const duration = `${retentionDays}d`
    const standing = policies.find((policy) => policy.default)
    const ours = policies.find(({ name }) => name === policyName)
    const judged = alterRetention ? ours : standing
    if (judged?.default && judged.duration === `${retentionDays * 24}h0m0s`) return undefined
    const differs = `keeps samples ${standing === undefined ? 'by no policy' : `${spanOf(standing)} (policy ${standing.name})`}, configured are ${duration}`
    if (!alterRetention) return differs
    const options = { database, duration, replication: ours?.replicaN ?? 1, isDefault: true }
    const refused = await refusalOf(
      client.call(
        (influx) =>
          ours === undefined
            ? influx.createRetentionPolicy(policyName, options)
            : influx.alterRetentionPolicy(policyName, options),
        signal,
      ),
    )
    if (refused !== undefined) return `${differs}; it could not be changed: ${refused}`
    const before = standing && { policy: standing.name, duration: standing.duration }
    log.info({ database, before, retentionDays }, 'retention of samples set')
    return undefined
  }

  /** A write and the start may ask at the same time. */
  const prepare = async (signal: AbortSignal) => {
    underWay ??= setUp(signal).finally(() => {
      underWay = undefined
    })
    const remark = await underWay
    done = true
    return remark
  }

  const createAgain = async (signal: AbortSignal) => {
    try {
      await prepare(signal)
    } catch (error) {
      if (!isRejected(error)) throw error
      say(messageOf(error), 'sample database could not be set up, going on without')
    }
    done = true
  }

  return { prepare, ready: (signal) => (done ? Promise.resolve() : createAgain(signal)), createAgain }
}

const rejected = (why: string) => new FaultlineError('STORE_REJECTED', `InfluxDB: ${why}`)

const hidden = 'may not show us its retention policies, so they are not compared with the configuration'

const isRejected = (error: unknown): error is FaultlineError =>
  error instanceof FaultlineError && error.code === 'STORE_REJECTED'

const isNotFound = (error: unknown): boolean => isRejected(error) && /database not found/.test(error.message)

/** Said of a database that is missing: to an administrator that it is, to others only that they may not look. */
const mayBeMissing = (error: unknown): boolean =>
  isNotFound(error) || (isRejected(error) && error.details.status !== 401)

/** Why the server does not do it, in its words; undefined when it did. @throws what is no refusal. */
async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!isRejected(error)) throw error
    return error.message
  }
}

function spanOf({ duration }: Policy): string {
  const hours = Number(/^(\d+)h0m0s$/.exec(duration)?.[1] ?? 0)
  if (duration === '0s') return 'for ever'
  return hours > 0 && hours % 24 === 0 ? `${hours / 24}d` : duration
}
