import type { MessageReader } from '../codec/message-reader.ts'
import { varbindsOf } from '../codec/varbind.ts'

/** What a Report says is wrong (usmStats of RFC 3414 §5), by the last arc but one. */
const kinds = {
  1: 'level',
  2: 'notInTimeWindow',
  3: 'unknownUser',
  4: 'unknownEngine',
  5: 'wrongDigest',
  6: 'decryption',
} as const

export type ReportKind = (typeof kinds)[keyof typeof kinds] | 'other'

export const reportTexts: Readonly<Record<ReportKind, string>> = {
  level: 'the agent does not allow this security level for the user',
  notInTimeWindow: 'the agent did not accept its own time',
  unknownUser: 'the agent does not know the user',
  unknownEngine: 'the agent did not accept its own engine id',
  wrongDigest: 'wrong authentication password or protocol',
  decryption: 'wrong privacy password or protocol',
  other: 'the agent answered with a report that says nothing',
}

const usmStats = '1.3.6.1.6.3.15.1.1.'

/** The first that the report tells of. */
export function reportOf({ bytes, start, end }: MessageReader): ReportKind {
  const [first] = varbindsOf(bytes, start, end)
  if (!first?.oid.startsWith(usmStats)) return 'other'
  const arc = Number.parseInt(first.oid.slice(usmStats.length), 10)
  return arc in kinds ? kinds[arc as keyof typeof kinds] : 'other'
}
