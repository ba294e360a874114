import { BlockList, isIP, isIPv4 } from 'node:net'
import { z } from 'zod'

/** A name that the operator chose: of an element, a customer, a service, a channel. */
export const identity = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected 1 to 64 of the characters A-Z a-z 0-9 . _ : -')

// Line ends in a name would break mail headers, log lines and tables.
const controlCharacter = /\p{Cc}/u

/** Text for people, in any language, on one line. */
export const oneLine = (most: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(most, `must not be longer than ${most} characters`)
    .refine((text) => !controlCharacter.test(text), { error: 'must be one line without control characters' })

/** A file or folder; when relative, seen from the folder of the configuration file. */
export const filePath = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => !controlCharacter.test(text), { error: 'must be one line without control characters' })

/** Can be given as `<name>_file` instead: the value is then the content of that file. */
export const secret = z
  .string()
  .min(1, 'must not be empty')
  .max(4096, 'must not be longer than 4096 characters')
  // More than a line is the wrong file, or one with something else in it.
  .refine((text) => !controlCharacter.test(text), { error: 'must be one line without control characters' })
  .meta({ secret: true })

/** A message for a value of the wrong shape; one that is absent is reported as missing, and not as malformed. */
export const unlessMissing = (message: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? undefined : message

export const whole = (least: number, most: number) =>
  z.int().min(least, `must be from ${least} to ${most}`).max(most, `must be from ${least} to ${most}`)

export const port = whole(1, 65_535)

const notAnElement = new BlockList()
notAnElement.addSubnet('224.0.0.0', 4)
notAnElement.addSubnet('0.0.0.0', 8)
notAnElement.addAddress('255.255.255.255')
notAnElement.addSubnet('ff00::', 8, 'ipv6')
notAnElement.addAddress('::', 'ipv6')

/** An IPv4 or IPv6 address of one box; a host name could mean another box tomorrow. */
export const address = z
  .string()
  .refine((text) => isIP(text) !== 0, { error: 'expected an IPv4 or IPv6 address', abort: true })
  .refine((text) => !notAnElement.check(text, isIPv4(text) ? 'ipv4' : 'ipv6'), {
    error: 'expected the address of one element, not a multicast, broadcast or unspecified one',
  })

/** `host:port` to listen on; an IPv6 host stands in brackets. */
const hostAndPort = 'expected host:port, such as 127.0.0.1:8080 or [::1]:8080'

export const listenAddress = z
  .string({ error: unlessMissing(hostAndPort) })
  .regex(/^(\[[0-9A-Fa-f:.]+\]|[^:[\]\s]+):\d{1,5}$/, hostAndPort)
  .transform((text) => {
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
  })
  .refine((listen) => listen.port <= 65_535, { error: 'the port must be at most 65535' })

export const webUrl = z
  .url({
    protocol: /^https?$/,
    error: unlessMissing('expected an http or https address'),
    abort: true,
  })
  // Addresses are shown in logs and messages; that is no place for a password.
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    error: 'must not hold a user name or password',
  })

/** A time zone of the IANA database. */
export const timeZone = z.string().refine(
  (zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone })
      return true
    } catch {
      return false
    }
  },
  { error: 'expected an IANA time zone such as Asia/Shanghai' },
)
