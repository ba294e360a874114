import { type Sample, sampleOf } from '../../src/model/sample.ts'

const portsAnElement = 48

/** A sequence of pseudo-random numbers from 0 to 1, the same each time. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * Interface samples as polling makes them: so many interfaces, 48 an element, all fields, in the order of polls. One rate
 * of errors in fifty is not 0; with `noisy` every field is random, which no network does and no store likes.
 */
export function interfaceSamples(
  interfaces: number,
  at: number,
  { noisy = false, seed = at } = {},
): Sample[] {
  const random = randomFrom(seed)
  const rare = () => (noisy || random() < 0.02 ? random() * 10 : 0)
  return Array.from({ length: interfaces }, (_, i) => {
    const element = `access-${Math.floor(i / portsAnElement)}`
    return sampleOf(
      'interface',
      { element, interface: `GigabitEthernet0/${i % portsAnElement}` },
      {
        in_bps: Math.floor(random() * 9e8),
        out_bps: Math.floor(random() * 9e8),
        in_errors_per_s: rare(),
        out_errors_per_s: rare(),
        in_discards_per_s: rare(),
        out_discards_per_s: rare(),
        in_pps: random() * 1e5,
        out_pps: random() * 1e5,
        oper_up: 1,
        speed_bps: 1e9,
      },
      // Elements have their phases.
      at + Math.floor(i / portsAnElement) * 37,
    )
  })
}

/** A day of one direction of an interface, as roll-ups tell it. */
export function peakDaySample(
  index: number,
  direction: 'in' | 'out',
  at: number,
  random: () => number,
): Sample {
  const bps = () => Math.floor(random() * 9e8)
  return sampleOf(
    'interface_peak_day',
    {
      element: `access-${Math.floor(index / portsAnElement)}`,
      interface: `GigabitEthernet0/${index % portsAnElement}`,
      direction,
    },
    {
      peak_start_at: at + 72_900_000,
      samples: 1_440,
      coverage: 1,
      window_samples: 240,
      window_coverage: 1,
      tcbh_hour: 20,
      trailing_days: 7,
      peak_mean_bps: bps(),
      peak_p95_bps: bps(),
      peak_max_bps: bps(),
      window_mean_bps: bps(),
      window_p95_bps: bps(),
      window_max_bps: bps(),
      adph_bps: bps(),
      tcbh_bps: bps(),
      speed_bps: 1e9,
    },
    at,
  )
}

export const pingSamples = (elements: number, at: number): Sample[] => {
  const random = randomFrom(at)
  return Array.from({ length: elements }, (_, i) => {
    const rtt = random() * 30
    return sampleOf(
      'icmp',
      { element: `access-${i}`, vantage: 'nms' },
      {
        sent: 5,
        received: 5,
        loss_ratio: 0,
        rtt_min_ms: rtt,
        rtt_avg_ms: rtt + random(),
        rtt_median_ms: rtt + random(),
        rtt_max_ms: rtt + 2,
        rtt_stddev_ms: random(),
        jitter_ms: random(),
      },
      at,
    )
  })
}
