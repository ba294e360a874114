import type { MessagePort } from 'node:worker_threads'
import type { ElementId } from '../../model/network-element.ts'
import type { PollResult } from '../../model/reading.ts'
import type { Clock } from '../../platform/clock.ts'
import type { AgentMemo } from '../snmp/agent-memory.ts'
import type { PollReply, PollRequest } from './poll-messages.ts'
import { createPollOutbox, type PollOutbox } from './poll-outbox.ts'
import type { Poller } from './poller.ts'

/** Where what a poller in this thread makes goes to: the main thread. */
export type PollerOutside = Pick<PollOutbox, 'deliver' | 'metrics'> & {
  keep(element: ElementId, memo: AgentMemo): void
}

/** A thread that fails closes its probes, if they let themselves be closed in this time. */
const lastMomentMs = 500

/** What agents told has come with the batch before. */
const withoutAgent = (result: PollResult): PollResult => {
  if (result.probe !== 'snmp') return result
  const { agent: _, ...rest } = result
  return rest
}

/** The polling thread's side: runs a poller for the main thread, until that says stop. */
export async function servePoller(
  port: MessagePort,
  clock: Clock,
  open: (outside: PollerOutside) => Promise<Poller>,
): Promise<void> {
  let isFailing = false
  const say = (reply: PollReply) => {
    if (!isFailing) port.postMessage(reply)
  }
  const outbox = createPollOutbox(clock, (batch) =>
    port.postMessage({ kind: 'batch', batch } satisfies PollReply, [batch.values.buffer]),
  )
  const poller = await open(outbox)
  // The programs that probes run are children of the process: without this they would stay behind as zombies.
  process.once('uncaughtException', (error) => {
    outbox.flush()
    // What the end makes of open questions is no answer.
    isFailing = true
    const stopped = Promise.race([poller.stop(), clock.sleep(lastMomentMs)])
    void stopped.finally(() => {
      throw error
    })
  })
  const asked = new Map<number, AbortController>()

  const pollNow = async ({ id, elements, probes }: PollRequest & { kind: 'poll' }) => {
    const abort = new AbortController()
    asked.set(id, abort)
    const results = await poller.pollNow(elements, probes, abort.signal)
    asked.delete(id)
    outbox.flush()
    say({ kind: 'polled', id, results: results.map(withoutAgent) })
  }

  const answer = async (request: PollRequest): Promise<void> => {
    switch (request.kind) {
      case 'start':
        return poller.start()
      case 'poll':
        return pollNow(request)
      case 'abort':
        return asked.get(request.id)?.abort()
      case 'renew':
        return poller.renew(request.elements)
      case 'overruns':
        return say({ kind: 'overruns', id: request.id, overruns: await poller.overruns(request.limit) })
      case 'taken':
        return outbox.taken()
      case 'ping':
        return say({ kind: 'alive' })
      case 'stop':
        await poller.stop()
        outbox.flush()
        return say({ kind: 'stopped' })
    }
  }
  // What fails here is a defect: it ends the thread, which is started anew.
  port.on('message', (request: PollRequest) => void answer(request))
  say({ kind: 'ready', probes: poller.probes })
}
