import { setMaxListeners } from 'node:events'
import type { Poller } from '../collect/poller/poller.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Foundation } from './foundation.ts'

/** Time that passes between two looks at what has come together, ms. */
export const stepEveryMs = 1_000
/** At the start every element is asked once before anything is judged. Longer than this is not waited for, ms. */
const firstPictureMs = 10_000

/** Asks every element once, says when that is done or took too long, and from then on judges again and again. */
export function startSteps(
  { clock, log, life, inventory }: Pick<Foundation, 'clock' | 'log' | 'life' | 'inventory'>,
  { pollNow }: Pick<Poller, 'pollNow'>,
  { step }: Pick<Pipeline, 'step'>,
  hasFirstPicture: () => void,
): void {
  const stopping = new AbortController()
  const { signal } = stopping
  setMaxListeners(0, signal)
  const asked = pollNow(inventory.targets.keys(), undefined, signal).catch((err: unknown) =>
    log.warn({ err }, 'first poll failed'),
  )
  void Promise.race([asked, clock.sleep(firstPictureMs, signal)]).finally(hasFirstPicture)
  const steps = repeatedly()
  life.onClose('steps', async () => {
    stopping.abort()
    await steps
  })

  async function repeatedly(): Promise<void> {
    while (!signal.aborted) {
      await step()
      await clock.sleep(stepEveryMs, signal)
    }
  }
}
