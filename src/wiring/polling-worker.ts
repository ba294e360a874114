import { parentPort, workerData } from 'node:worker_threads'
import { servePoller } from '../collect/poller/poll-service.ts'
import type { AgentMemo } from '../collect/snmp/agent-memory.ts'
import type { ElementId } from '../model/network-element.ts'
import { systemClock } from '../platform/clock.ts'
import { createLogger, type LogLevel } from '../platform/logger.ts'
import { openLocalPoller, type PollPlan } from './open-local-poller.ts'

/** What the polling thread is given. Holds credentials. */
export interface PollingWorkerSettings {
  readonly plan: PollPlan
  readonly logLevel: LogLevel
  readonly memos: ReadonlyMap<ElementId, AgentMemo>
}

/** The polling thread. It logs to where the main thread logs, line by line. */
async function work({ plan, logLevel, memos }: PollingWorkerSettings, port: NonNullable<typeof parentPort>) {
  const log = createLogger(logLevel).child({ part: 'collect' })
  const known = new Map(memos)
  await servePoller(port, systemClock, ({ deliver, keep, metrics }) =>
    openLocalPoller(plan, {
      deliver,
      memory: {
        recall: (element) => known.get(element),
        keep(element, memo) {
          known.set(element, memo)
          keep(element, memo)
        },
      },
      clock: systemClock,
      log,
      metrics,
    }),
  )
}

if (parentPort === null) throw new Error('this file is started as a worker thread by open-poller')
await work(workerData, parentPort)
