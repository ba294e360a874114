import { createProfileReader } from '../../src/collect/profile-reader.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import type { Profile } from '../../src/model/profile.ts'
import { type ProfileValues, profileValues } from '../../src/sample/profile-values.ts'
import { ManualClock } from './manual-clock.ts'
import type { SnmpRecording } from './snmp-recording.ts'

/** The profiles that come with the program, as a configuration has them that names none. */
export async function shippedProfiles(): Promise<readonly Profile[]> {
  const loaded = await loadConfigText('elements: [{ id: a, address: 192.0.2.1 }]', '/etc/faultline.yaml', {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  return loaded.config.poll.profiles
}

export interface RecordedValues extends ProfileValues {
  readonly profiles: readonly string[]
}

/** What profiles make of a recorded agent. */
export async function valuesOf(
  profiles: readonly Profile[],
  recording: Pick<SnmpRecording, 'objectId' | 'walk'>,
): Promise<RecordedValues> {
  const reader = createProfileReader({ profiles, clock: new ManualClock() })
  const system = { objectId: recording.objectId, upTimeTicks: 1 }
  const reading = await reader.read('a', system, recording.walk)
  return reading === undefined
    ? { profiles: [], sensors: [] }
    : { profiles: reading.profiles, ...profileValues(profiles, reading) }
}
