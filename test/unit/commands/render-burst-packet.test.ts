import { describe, expect, it } from 'vitest'
import { renderBurstPacket } from '../../../src/commands/render-packet.ts'

const sentAt = Date.parse('2026-03-01T08:00:00.123Z') + 0.456

describe('one packet of a burst, as text', () => {
  it('shows an echo with its numbers, its round trip and the hops that were left', () => {
    const echo = { probe: 'icmp', address: '::1', identifier: 7, sequence: 3 } as const
    expect(renderBurstPacket({ ...echo, fate: 'answered', sentAt, rttMs: 1.23456, ttl: 64 })).toBe(
      'icmp  ::1  id 7  seq 3  1.2346 ms  sent 08:00:00.123456  ttl 64',
    )
    expect(renderBurstPacket({ ...echo, fate: 'lost', sentAt })).toBe(
      'icmp  ::1  id 7  seq 3  lost  sent 08:00:00.123456',
    )
  })

  it('shows no more of an echo than a program tells', () => {
    const echo = { probe: 'icmp', address: '192.0.2.1' } as const
    expect(renderBurstPacket({ ...echo, fate: 'answered', rttMs: 2 })).toBe('icmp  192.0.2.1  2 ms')
    expect(renderBurstPacket({ ...echo, fate: 'unknown' })).toMatch(/unknown: this host had no room/)
    expect(renderBurstPacket({ ...echo, fate: 'notSent', problem: 'no\u001b[31m route' })).toBe(
      'icmp  192.0.2.1  not sent: no [31m route',
    )
  })

  it('shows the four times of a STAMP packet, and both ways', () => {
    expect(
      renderBurstPacket({
        probe: 'stamp',
        address: '2001:db8::1',
        port: 862,
        fate: 'answered',
        sequence: 9,
        reflectorSequence: 8,
        rttMs: 3,
        sentAt,
        reachedAt: sentAt + 1,
        reflectedAt: sentAt + 6,
        answeredAt: sentAt + 8,
        forwardMs: 1,
        backwardMs: 2,
        ttlThere: 61,
        ttl: 62,
      }),
    ).toBe(
      'stamp  [2001:db8::1]:862  seq 9  reflector seq 8  3 ms  T1 08:00:00.123456  T2 08:00:00.124456  T3 08:00:00.129456  T4 08:00:00.131456  there 1 ms  back 2 ms  ttl there 61  ttl 62',
    )
  })
})
