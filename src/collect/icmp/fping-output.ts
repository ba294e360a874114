/** The result line of one address, from `fping -C`. */
export interface FpingResult {
  readonly address: string
  /** In the order of sending; null for `-`, which is a lost packet or one that could not be sent. */
  readonly rttsMs: readonly (number | null)[]
}

/** `198.18.255.5 : 0.38 - 0.41` */
const resultLine = /^(\S+)\s+:((?: (?:-|\d+(?:\.\d+)?(?:e[+-]\d+)?))+)$/

export function parseFpingResult(line: string): FpingResult | undefined {
  const [, address, values] = resultLine.exec(line) ?? []
  if (address === undefined || values === undefined) return undefined
  const rttsMs = values
    .slice(1)
    .split(' ')
    .map((value) => (value === '-' ? null : Number(value)))
  return { address, rttsMs }
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
