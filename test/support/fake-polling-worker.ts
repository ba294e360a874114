import { parentPort, workerData } from 'node:worker_threads'
import { servePoller } from '../../src/collect/poller/poll-service.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { fakePoller } from './fake-polling.ts'

if (parentPort === null) throw new Error('this file is started as a thread')
await servePoller(parentPort, systemClock, (outside) => fakePoller(workerData, outside))
