/** Why a datagram was dropped; the label of `faultline_packets_refused_total`. */
export type Refusal =
  | 'wrong-source'
  | 'malformed'
  | 'wrong-version'
  | 'wrong-community'
  /** SNMPv3 without the authentication or encryption that is configured. */
  | 'unauthenticated'
  | 'wrong-digest'
  | 'undecipherable'
  /** SNMPv3: older than what its engine told before (RFC 3414 §3.2 step 7b). */
  | 'not-timely'
  /** The answer to nothing that is under way: late, twice, or made up. */
  | 'late'

/** What a poll that got nothing better says of its agent. Absent: nothing that would explain the silence. */
export const refusalTexts: Readonly<Partial<Record<Refusal, string>>> = {
  malformed: 'answered with malformed packets',
  'wrong-version': 'answered with another SNMP version',
  'wrong-community': 'answered with another community',
  unauthenticated: 'answered without the authentication or encryption that is configured',
  'wrong-digest': 'the answer is not authentic',
  undecipherable: 'the answer could not be decrypted',
  'not-timely': 'the answer is outside the time window',
}
