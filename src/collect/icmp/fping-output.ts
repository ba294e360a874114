/** The result line of one address, from `fping -C`. */
export interface FpingResult {
  readonly address: string
  /** In the order of sending; null for `-`, which is a lost packet or one that could not be sent. */
  readonly rttsMs: readonly (number | null)[]
}

const space = 0x20
const colon = 0x3a
const dash = 0x2d
const point = 0x2e
const zero = 0x30

/** `0.38`, and for very small ones `1.5e-05`. */
const numberText = /^\d+(?:\.\d+)?(?:e[+-]\d+)?$/

/** A number as fping writes it, or NaN. Digits and a point are read in place; they are nearly all there is. */
function readNumber(bytes: Buffer, start: number, end: number): number {
  let digits = 0
  let scale = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    const digit = byte - zero
    if (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit
      scale *= 10
    } else if (byte === point && scale === 0 && at > start && at + 1 < end) scale = 1
    else {
      const text = bytes.toString('latin1', start, end)
      return numberText.test(text) ? Number(text) : Number.NaN
    }
  }
  return end === start ? Number.NaN : digits / (scale || 1)
}

/** `198.18.255.5 : 0.38 - 0.41`, from `start` up to `end`. Undefined for any other line. */
export function parseFpingResult(bytes: Buffer, start = 0, end = bytes.length): FpingResult | undefined {
  let at = start
  while (at < end && bytes[at] !== space) at++
  const addressEnd = at
  while (at < end && bytes[at] === space) at++
  if (addressEnd === start || at === addressEnd || bytes[at] !== colon) return undefined
  at++
  const rttsMs: (number | null)[] = []
  while (at < end) {
    if (bytes[at] !== space) return undefined
    const from = at + 1
    at = from
    while (at < end && bytes[at] !== space) at++
    if (at === from + 1 && bytes[from] === dash) rttsMs.push(null)
    else {
      const rtt = readNumber(bytes, from, at)
      if (Number.isNaN(rtt)) return undefined
      rttsMs.push(rtt)
    }
  }
  return rttsMs.length === 0 ? undefined : { address: bytes.toString('latin1', start, addressEnd), rttsMs }
}

/** `198.18.255.5 : [0], timed out (NaN avg, 100% loss)`, or with a reply: either way the packet was sent. */
const packetLine = /^(\S+)\s+: \[\d+\], (?:timed out|\d+ bytes)/

export const parseFpingPacket = (line: string): string | undefined => packetLine.exec(line)?.[1]

/** `198.18.255.5: error while sending ping: Network is unreachable`; fping 5.1 is silent about it with -C. */
const sendErrorLine = /^(\S+?)\s*: error while sending(?: ping)?: (.*)$/

export function parseFpingSendError(line: string): { address: string; problem: string } | undefined {
  const [, address, problem] = sendErrorLine.exec(line) ?? []
  return address === undefined || problem === undefined ? undefined : { address, problem }
}

const totals = {
  timeouts: /^\s*(\d+) timeouts \(waiting for response\)$/,
  sent: /^\s*(\d+) ICMP Echos sent$/,
  received: /^\s*(\d+) ICMP Echo Replies received$/,
}

/** Adds up the totals that `fping -s` prints at its end. */
export class FpingTotals {
  readonly #seen: Partial<Record<keyof typeof totals, number>> = {}

  /** Whether that was one of its lines. */
  take(line: string): boolean {
    for (const name of ['timeouts', 'sent', 'received'] as const) {
      const value = totals[name].exec(line)?.[1]
      if (value === undefined) continue
      this.#seen[name] = Number(value)
      return true
    }
    return false
  }

  /**
   * Packets that this host could not send: fping counts them as sent, and then neither as answered nor as timed out.
   * 0 when the totals are not complete.
   */
  failedSends(): number {
    const { sent, received, timeouts } = this.#seen
    if (sent === undefined || received === undefined || timeouts === undefined) return 0
    return Math.max(0, sent - received - timeouts)
  }
}
