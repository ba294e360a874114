import { BerWriter } from './codec/ber-writer.ts'
import type { MessageReader } from './codec/message-reader.ts'
import {
  communityPrelude,
  communityTemplate,
  type MessageTemplate,
  type RequestPdu,
  withId,
} from './codec/request-pdu.ts'
import { pduTags } from './codec/tags.ts'
import type { MessageSecurity } from './message-security.ts'
import type { Opened } from './transport/peer.ts'

/** In memory of its own: a small buffer would keep the whole slab alive that it was cut from. */
const lasting = ({ bytes, idAt }: MessageTemplate): MessageTemplate => {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return { bytes: own, idAt }
}

/**
 * SNMPv1 and v2c (RFC 1157, RFC 1901), for any number of agents with one community. Questions that are asked again are
 * sent from the bytes of the first time.
 */
export function createCommunitySecurity(version: 0 | 1, communityText: string): MessageSecurity {
  const community = Buffer.from(communityText)
  const writer = new BerWriter()
  const prelude = communityPrelude(writer, version, community)
  const templates = new WeakMap<RequestPdu, MessageTemplate>()

  const isOurs = ({ bytes, communityStart, communityEnd }: MessageReader): boolean => {
    if (communityEnd - communityStart !== community.length) return false
    for (let i = 0; i < community.length; i++) if (bytes[communityStart + i] !== community[i]) return false
    return true
  }

  return {
    prepare: () => undefined,
    message(pdu, id) {
      const kept = pdu.keep ? templates.get(pdu) : undefined
      if (kept !== undefined) return withId(kept, id)
      const template = communityTemplate(writer, prelude, pdu, id)
      if (pdu.keep) templates.set(pdu, lasting(template))
      return template.bytes
    },
    open(message): Opened {
      if (message.version !== version) return 'wrong-version'
      if (!isOurs(message)) return 'wrong-community'
      return message.pdu === pduTags.response ? 'accepted' : 'malformed'
    },
    unanswered() {},
    reset() {},
    engine: () => undefined,
  }
}
