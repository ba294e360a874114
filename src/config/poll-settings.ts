import { z } from 'zod'
import { profileSettings } from './profiles.ts'
import { duration } from './quantity.ts'
import { port, whole } from './setting.ts'

// Under 100 ms a burst of probes would overlap itself on any real path.
const interval = (usual: string, what: string, more = '') =>
  duration('100ms', '1d')
    .prefault(usual)
    .meta({ title: 'duration', description: `Time between two ${what} of one element.${more}` })
const timeout = (usual: string) =>
  duration('10ms', '1m')
    .prefault(usual)
    .meta({ title: 'duration', description: 'How long one answer is waited for.' })
const count = whole(1, 100).prefault(5).meta({ description: 'Packets in a burst.' })

const burstFits = (poll: { interval: number; timeout: number }) => poll.timeout < poll.interval
const doesNotFit = { error: 'must be shorter than the interval', path: ['timeout'] }

const icmp = z
  .strictObject({
    interval: interval('10s', 'bursts'),
    count,
    timeout: timeout('1s'),
    engine: z.enum(['auto', 'socket', 'fping', 'ping']).prefault('auto').meta({
      description:
        'What sends the requests: `socket` is a sender of our own (64-bit Linux and Perl; it needs `net.ipv4.ping_group_range` to hold a group of the daemon, any group where it is root, or CAP_NET_RAW), `fping` and `ping` are these programs. `auto` takes the first of them that may run here. One that is named and may not run is an error in the log, and the next takes its place.',
    }),
    dscp: whole(0, 63)
      .prefault(0)
      .meta({ description: 'Differentiated services code point of the requests (RFC 2474): 46 is EF.' }),
    size: whole(12, 65_000)
      .prefault(56)
      .meta({ description: 'Bytes of data in a request, without the IP and ICMP headers (28 in IPv4).' }),
  })
  .refine(burstFits, doesNotFit)

const stamp = z
  .strictObject({
    interval: interval('10s', 'bursts'),
    count,
    timeout: timeout('1s'),
    engine: z.enum(['auto', 'socket', 'node']).prefault('auto').meta({
      description:
        'What sends the packets: `socket` is a sender of our own (64-bit Linux and Perl; no privilege), which has the times at which the kernel received answers; `node` are the UDP sockets of Node, with times as good as the machine is idle, and no code point. `auto` takes the first that may run here. One that is named and may not run is an error in the log, and the other takes its place.',
    }),
    dscp: whole(0, 63)
      .prefault(0)
      .meta({ description: 'Differentiated services code point of the packets (RFC 2474): 46 is EF.' }),
    port: port
      .prefault(862)
      .meta({ description: 'UDP port of reflectors (RFC 8762), where an element names no other.' }),
  })
  .refine(burstFits, doesNotFit)

const snmp = z
  .strictObject({
    interval: interval('60s', 'polls', ' Its agent may have up to 65,536 interfaces.'),
    timeout: timeout('2s'),
    retries: whole(0, 10)
      .prefault(1)
      .meta({ description: 'Further tries of one request that was not answered.' }),
  })
  .refine((poll) => poll.timeout * (poll.retries + 1) <= poll.interval, {
    error: 'all tries of one request must fit into the interval',
    path: ['timeout'],
  })

/** How often and how patiently elements are asked. */
export const pollSettings = z.strictObject({
  icmp: icmp.prefault({}).meta({ description: 'ICMP echo bursts.' }),
  stamp: stamp.prefault({}).meta({ description: 'STAMP bursts (RFC 8762).' }),
  snmp: snmp.prefault({}).meta({ description: 'SNMP polls.' }),
  profiles: z
    .array(profileSettings)
    .default([])
    .meta({
      inFile: 'folder',
      description:
        'A folder with profiles of your own: what to read of elements besides their interfaces (`config/profiles/README.md`). They come beside those of Faultline; one with the same id replaces it.',
      examples: ['profiles'],
    }),
})
