import type { Probe } from '../../src/collect/probe.ts'
import type { Reading } from '../../src/model/reading.ts'

type IcmpReading = Extract<Reading, { probe: 'icmp' | 'stamp' }>

/** One measurement of these addresses. Fails when the probe tells one of them twice. */
export async function measureIcmp(
  probe: Probe,
  addresses: readonly string[],
  signal = AbortSignal.timeout(20_000),
): Promise<ReadonlyMap<string, IcmpReading>> {
  const readings = new Map<string, IcmpReading>()
  const targets = addresses.map((address) => ({ element: address, address, icmp: true, speedOverrides: {} }))
  await probe.measure(
    targets,
    (reading) => {
      if (reading.probe === 'snmp' || readings.has(reading.element)) throw new Error('one ICMP reading each')
      readings.set(reading.element, reading)
    },
    signal,
  )
  return readings
}
