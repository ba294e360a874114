import type { Symptom } from '../model/fault-report.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { serviceOf } from './demo-customers.ts'
import type { NetworkControl } from './demo-faults.ts'

/** A fault report as the desk's system posts it to `/api/v1/fault-reports`. */
export interface DeskReport {
  readonly kind: 'fault'
  readonly service: string
  readonly symptom: Symptom
  readonly description: string
  readonly channel: string
  readonly externalId: string
}

/** Where the story acts beside the network itself. */
export interface DemoHooks {
  report(report: DeskReport): Promise<void>
  readonly log: Logger
}

type LinkEnds = readonly [ElementId, ElementId]

/** One thing that happens, `afterMs` after the step before it. */
export type StoryStep = { readonly afterMs: number } & (
  | { readonly does: 'cut'; readonly element: ElementId }
  | { readonly does: 'cutLink'; readonly link: LinkEnds }
  | { readonly does: 'loss'; readonly link: LinkEnds; readonly ratio: number }
  | { readonly does: 'congestion'; readonly link: LinkEnds }
  | { readonly does: 'repair' }
  | {
      readonly does: 'report'
      readonly service: string
      readonly symptom: Symptom
      readonly channel: string
      readonly description: string
    }
)

const seconds = 1_000

/**
 * Seven minutes: a cut with a subtree behind it, loss on a link, an evening's congestion, a broken ring. The first
 * outage is over after one minute, and all that was told about it after two.
 */
export const demoStory: readonly StoryStep[] = [
  { afterMs: 15 * seconds, does: 'cut', element: 'agg1' },
  {
    afterMs: 15 * seconds,
    does: 'report',
    service: serviceOf('wang.xiaoming'),
    symptom: 'no-service',
    channel: 'phone',
    description: '家里的网络突然断了，光猫上的灯还亮着。',
  },
  {
    afterMs: 3 * seconds,
    does: 'report',
    service: serviceOf('peter.quill'),
    symptom: 'slow',
    channel: 'web',
    description: 'Films keep stopping in the upstairs room, downstairs is fine.',
  },
  { afterMs: 27 * seconds, does: 'repair' },
  { afterMs: 60 * seconds, does: 'loss', link: ['agg2', 'acc4'], ratio: 0.3 },
  {
    afterMs: 20 * seconds,
    does: 'report',
    service: serviceOf('ines.duarte'),
    symptom: 'intermittent',
    channel: 'app',
    description: 'Calls break up every few seconds.',
  },
  { afterMs: 25 * seconds, does: 'repair' },
  { afterMs: 45 * seconds, does: 'congestion', link: ['agg1', 'acc3'] },
  {
    afterMs: 25 * seconds,
    does: 'report',
    service: serviceOf('chen.jing'),
    symptom: 'slow-evening',
    channel: 'phone',
    description: '每天晚上网速都很慢，网页半天打不开。',
  },
  { afterMs: 35 * seconds, does: 'repair' },
  { afterMs: 45 * seconds, does: 'cutLink', link: ['core1', 'agg2'] },
  { afterMs: 45 * seconds, does: 'repair' },
]

export interface StoryOptions {
  readonly clock: Clock
  readonly network: NetworkControl
  readonly hooks: DemoHooks
  readonly signal: AbortSignal
  /** Default: `demoStory`. */
  readonly steps?: readonly StoryStep[]
  /** Quiet time before the story begins anew. Default: a minute. */
  readonly pauseMs?: number
}

/**
 * Tells the story again and again until the signal aborts; the network is whole at the end of each telling. A report
 * that cannot be delivered is logged, and the story goes on.
 */
export async function tellStory(options: StoryOptions): Promise<void> {
  const { clock, network, signal, steps = demoStory, pauseMs = 60 * seconds } = options
  for (let telling = 1; !signal.aborted; telling++) {
    for (const [number, step] of steps.entries()) {
      await clock.sleep(step.afterMs, signal)
      if (signal.aborted) return
      await play(step, `demo-${telling}-${number + 1}`, options)
    }
    network.repair()
    await clock.sleep(pauseMs, signal)
  }
}

async function play(step: StoryStep, externalId: string, { network, hooks }: StoryOptions): Promise<void> {
  hooks.log.info({ step: step.does, externalId }, 'demo story goes on')
  switch (step.does) {
    case 'cut':
      return network.cut(step.element)
    case 'cutLink':
      return network.cutLink(...step.link)
    case 'loss':
      return network.loss(step.link, step.ratio)
    case 'congestion':
      return network.congestion(...step.link)
    case 'repair':
      return network.repair()
    case 'report': {
      const { service, symptom, description, channel } = step
      try {
        await hooks.report({ kind: 'fault', service, symptom, description, channel, externalId })
      } catch (error) {
        hooks.log.warn({ err: messageOf(error), externalId }, 'demo report not delivered')
      }
    }
  }
}
