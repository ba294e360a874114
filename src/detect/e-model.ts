/** What one burst of probe packets saw; NaN where it was not measured. */
export interface PathMeasure {
  /** 0..1, both ways together. */
  readonly lossRatio: number
  readonly rttMs: number
  readonly jitterMs: number
}

/** R of G.107 (06/2015) with every parameter at its default, and no delay or loss. */
export const bestR = 93.2

/** Packetisation and look-ahead of the codec, ms: one 10 ms frame of G.711. */
const codecDelayMs = 10
/** The play-out buffer holds two mean delay variations. */
const bufferedJitters = 2
/** From this mouth-to-ear delay on people begin to talk at the same time, ms. */
const talkOverMs = 177.3
/** G.711 with packet-loss concealment (G.113, appendix I): impairment of the codec itself, and its robustness. */
const codecImpairment = 0
const lossRobustness = 25.1

/**
 * R of a voice call over the path, 0..93.2, by the E-model of ITU-T G.107 with the delay and equipment impairments
 * only: R = 93.2 − Id − Ie-eff. Id is the usual two lines through the curve of G.107 (Cole and Rosenbluth, 2001);
 * Ie-eff is that of G.107 §3.5 with random loss. One-way delay is taken for half a round trip, so it is an estimate.
 * Unknown jitter counts as none; NaN when the round-trip time or the loss is not known.
 */
export function voiceQuality({ lossRatio, rttMs, jitterMs }: PathMeasure): number {
  const jitter = jitterMs >= 0 ? jitterMs : 0
  const delayMs = rttMs / 2 + bufferedJitters * jitter + codecDelayMs
  const delayImpairment = 0.024 * delayMs + 0.11 * Math.max(0, delayMs - talkOverMs)
  const lossPercent = lossRatio * 100
  const equipmentImpairment =
    codecImpairment + ((95 - codecImpairment) * lossPercent) / (lossPercent + lossRobustness)
  const r = bestR - delayImpairment - equipmentImpairment
  return r < 0 ? 0 : r
}

/** Mean opinion score, 1..4.5, of an R (G.107 Annex B). */
export function mosOf(r: number): number {
  if (r >= 100) return 4.5
  // The cubic dips below 1 for R under 6.5.
  return r <= 0 ? 1 : Math.max(1, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))
}
