import type { ElementId } from '../model/network-element.ts'
import type { ProbeName } from '../model/reading.ts'
import type { Sample } from '../model/sample.ts'
import type { AlarmBook } from './alarm-book.ts'
import { type ElementWatch, type Spot, spotOfSample } from './element-watch.ts'
import type { Tell } from './sample-judge.ts'
import { numberOf } from './sample-value.ts'

/** Hands samples to the rules that judge them, and what the rules say to the alarms. */
export interface SampleStream {
  /**
   * One of a poll. A burst that was lost whole belongs to reachability, so it is kept back: when the next burst comes
   * through it was loss after all; two in a row are no loss but an element, or a reflector, that does not answer, and of
   * one from before a gap nobody knows.
   */
  accept(watch: ElementWatch, sample: Sample): void
  /** One that no poll brings. */
  judge(watch: ElementWatch, sample: Sample): void
  /**
   * Clears alarms about sensors that polls do not list any more: a transceiver was pulled. A poll that brings no sensor
   * at all says nothing: they could not be read.
   */
  clearGoneSensors(watch: ElementWatch, samples: readonly Sample[], at: number): void
  /** Lets go of the last sample. */
  rest(): void
}

export function createSampleStream(
  book: AlarmBook,
  watches: ReadonlyMap<ElementId, ElementWatch>,
  pollIntervalMs: Readonly<Record<ProbeName, number>>,
): SampleStream {
  /** What is being judged, so that what is said of it needs no search. */
  let judgedSample: Sample | undefined
  let judgedWatch: ElementWatch | undefined
  let judgedSpot: Spot | undefined

  const tell: Tell = (sample, rule, verdict) => {
    if (judgedWatch && judgedSpot && judgedSample === sample) {
      book.judge(judgedWatch, judgedSpot, rule, verdict, sample.at)
      return
    }
    const watch = watches.get(sample.tags.element ?? '')
    if (watch) book.judge(watch, spotOfSample(watch, sample), rule, verdict, sample.at)
  }

  function judge(watch: ElementWatch, sample: Sample): void {
    if (sample.measurement === 'sensor' && !watch.rules.judges('sensor')) return
    const spot = spotOfSample(watch, sample)
    let series = spot.series.find(({ measurement }) => measurement === sample.measurement)
    if (!series) {
      series = watch.rules.seriesOf(sample)
      spot.series = [...spot.series, series]
    }
    judgedSample = sample
    judgedWatch = watch
    judgedSpot = spot
    series.judge(sample, tell)
    book.settle()
  }

  return {
    judge,
    accept(watch, sample) {
      const { measurement } = sample
      if (measurement === 'icmp' || measurement === 'stamp') {
        const before = watch.wholeLosses.get(measurement)
        if (numberOf(sample.fields.loss_ratio) >= 1) {
          watch.wholeLosses.set(measurement, { sample, times: (before?.times ?? 0) + 1 })
          return
        }
        if (before) {
          watch.wholeLosses.delete(measurement)
          const isRecent = Math.abs(sample.at - before.sample.at) <= 3 * pollIntervalMs[measurement]
          if (before.times === 1 && isRecent) judge(watch, before.sample)
        }
      }
      judge(watch, sample)
    },
    clearGoneSensors(watch, samples, at) {
      let listed: ReadonlySet<Spot> | undefined
      for (const spot of watch.troubled) {
        if (spot.resource.kind !== 'sensor') continue
        listed ??= new Set(
          samples.flatMap((sample) => (sample.measurement === 'sensor' ? [spotOfSample(watch, sample)] : [])),
        )
        if (listed.size === 0) return
        book.countAbsence(watch, spot, listed.has(spot), at, 'its agent does not list the sensor any more')
      }
    },
    rest() {
      judgedSample = undefined
      judgedWatch = undefined
      judgedSpot = undefined
    },
  }
}
