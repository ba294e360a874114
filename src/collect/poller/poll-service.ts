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
  const say = (reply: PollReply) => port.postMessage(reply)
  const outbox = createPollOutbox(clock, (batch) =>
    port.postMessage({ kind: 'batch', batch } satisfies PollReply, [batch.rates.buffer]),
  )
  const poller = await open(outbox)
  const asked = new Map<number, AbortController>()

  const pollNow = async ({ id, elements, probes }: PollRequest & { kind: 'poll' }) => {
    const abort = new AbortController()
    asked.set(id, abort)
    const results = await poller.pollNow(elements, probes, abort.signal)
    asked.delete(id)
    outbox.flush()
    say({ kind: 'polled', id, results: results.map(withoutAgent) })
  }

  const answers: { readonly [Kind in PollRequest['kind']]: (request: PollRequest & { kind: Kind }) => unknown } =
    {
      start: () => poller.start(),
      poll: pollNow,
      abort: ({ id }) => asked.get(id)?.abort(),
      overruns: async ({ id, limit }) =>
        say({ kind: 'overruns', id, overruns: await poller.overruns(limit) }),
      stop: async () => {
        await poller.stop()
        outbox.flush()
        say({ kind: 'stopped' })
      },
    }
  const answer = <Kind extends PollRequest['kind']>(kind: Kind, request: PollRequest & { kind: Kind }) =>
    answers[kind](request)
  port.on('message', (request: PollRequest) => void answer(request.kind, request))
  say({ kind: 'ready', probes: poller.probes })
}
