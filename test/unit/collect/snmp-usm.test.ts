import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageReader } from '../../../src/collect/snmp/codec/message-reader.ts'
import { oidRange } from '../../../src/collect/snmp/codec/oid.ts'
import { pduTags } from '../../../src/collect/snmp/codec/tags.ts'
import { SnmpFailure } from '../../../src/collect/snmp/snmp-failure.ts'
import { Engine } from '../../../src/collect/snmp/usm/engine.ts'
import { extendedKey, localised } from '../../../src/collect/snmp/usm/engine-keys.ts'
import { createPasswordKeys } from '../../../src/collect/snmp/usm/password-keys.ts'
import {
  decrypt,
  encrypt,
  privacyProblem,
  privKeyFrom,
  privKeyLength,
} from '../../../src/collect/snmp/usm/privacy.ts'
import { createUsmSecurity } from '../../../src/collect/snmp/usm/usm-security.ts'
import type { PrivProtocol } from '../../../src/model/target.ts'
import { ber, oid, text, unsigned } from '../../support/snmp-responder.ts'

const engineId = Buffer.from('000000000000000000000002', 'hex')

describe('keys', () => {
  it.for([
    ['md5', '9faf3283884e92834ebc9847d8edd963', '526f5eed9fcce26f8964c2930787d82b'],
    ['sha', '9fb5cc0381497b3793528939ff788d5d79145211', '6695febc9288e36282235fc7151f128497b38f3f'],
  ] as const)('of %s are those of RFC 3414 §A.3', async ([protocol, ku, kul]) => {
    const key = await createPasswordKeys().key(protocol, 'maplesyrup')
    expect(key.toString('hex')).toBe(ku)
    expect(localised(protocol, key, engineId).toString('hex')).toBe(kul)
  })

  it('are lengthened as the draft of Reeder shows', async () => {
    const key = await createPasswordKeys().key('sha', 'maplesyrup')
    const short = localised('sha', key, engineId)
    expect(extendedKey('sha', short, engineId, 40, 'reeder').toString('hex')).toBe(
      '6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9cd2d5065547743fb5',
    )
    const other = extendedKey('sha', short, engineId, 32, 'blumenthal')
    expect(other.subarray(0, 20).equals(short)).toBe(true)
    expect(other).toHaveLength(32)
  })

  it('of a pass phrase are made once, and known at once afterwards', async () => {
    const keys = createPasswordKeys()
    expect(keys.known('sha256', 'a-pass-phrase')).toBeUndefined()
    const [one, two] = await Promise.all([
      keys.key('sha256', 'a-pass-phrase'),
      keys.key('sha256', 'a-pass-phrase'),
    ])
    expect(one).toBe(two)
    expect(keys.known('sha256', 'a-pass-phrase')).toBe(one)
    expect(keys.known('sha', 'a-pass-phrase')).toBeUndefined()
  })

  it('of many engines cost little once the pass phrase is known', async () => {
    const key = await createPasswordKeys().key('sha256', 'a-pass-phrase')
    const startedAt = performance.now()
    for (let i = 0; i < 10_000; i++) localised('sha256', key, Buffer.from(`engine ${i}`))
    // Half a second is the goal; ten times that still tells it from a megabyte of hashing each.
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('privacy', () => {
  it.for(['des', 'aes', 'aes192', 'aes256'] as const satisfies readonly PrivProtocol[])(
    'by %s gives back what went in',
    (protocol) => {
      expect(privacyProblem(protocol)).toBeUndefined()
      const bytes = Buffer.alloc(privKeyLength[protocol], 'a key of 32 bytes, or less of it')
      const key = privKeyFrom(protocol, bytes)
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 300 }),
          fc.uint8Array({ minLength: 8, maxLength: 8 }),
          (text, salt) => {
            const plain = Buffer.from(text)
            const sent = encrypt(key, 5, 600, salt, plain)
            expect(decrypt(key, 5, 600, salt, sent)?.subarray(0, plain.length).equals(plain)).toBe(true)
          },
        ),
        { numRuns: 50 },
      )
    },
  )

  it('refuses what nobody can have encrypted', () => {
    const key = (protocol: PrivProtocol) => privKeyFrom(protocol, Buffer.alloc(16))
    expect(decrypt(key('des'), 1, 1, new Uint8Array(8), Buffer.alloc(7))).toBeUndefined()
    expect(decrypt(key('aes'), 1, 1, new Uint8Array(7), Buffer.alloc(8))).toBeUndefined()
    expect(decrypt(key('aes'), 1, 1, new Uint8Array(8), Buffer.alloc(0))).toBeUndefined()
  })
})

describe('the clock of an engine', () => {
  const at = 1_000_000
  const engine = () => new Engine(engineId, 3, 1_000, at, true)

  it('goes on by itself', () => {
    expect(engine().time(at + 60_500)).toBe(1_060)
  })

  it('takes what is of now, and refuses what is old', () => {
    expect(engine().isTimely(3, 900, at)).toBe(true)
    expect(engine().isTimely(3, 849, at)).toBe(false)
    expect(engine().isTimely(2, 5_000, at)).toBe(false)
    expect(engine().isTimely(4, 1, at)).toBe(true)
    expect(engine().isTimely(2 ** 31 - 1, 1, at)).toBe(false)
  })

  it('goes back only when it was wrong to begin with', () => {
    const guessed = new Engine(engineId, 9, 1_000, at, false)
    expect(guessed.isTimely(2, 7, at)).toBe(true)
    expect(guessed.boots).toBe(2)
    expect(guessed.isTimely(1, 7, at)).toBe(false)
  })
})

describe('a v3 agent', () => {
  const access = { version: '3', port: 161, acceptFrom: [], user: 'someone' } as const
  const report = (id: number, arc: number, engine: Buffer, boots = 1, time = 100) =>
    ber(
      0x30,
      unsigned(2, 3),
      ber(0x30, unsigned(2, id), unsigned(2, 65_507), ber(4, [0]), unsigned(2, 3)),
      ber(4, ber(0x30, text(engine), unsigned(2, boots), unsigned(2, time), text(''), text(''), text(''))),
      ber(
        0x30,
        text(engine),
        text(''),
        ber(
          pduTags.report,
          unsigned(2, 0),
          unsigned(2, 0),
          unsigned(2, 0),
          ber(0x30, ber(0x30, oid(`1.3.6.1.6.3.15.1.1.${arc}.0`), unsigned(0x41, 1))),
        ),
      ),
    )
  const asked = { type: pduTags.get, names: [oidRange('1.3.6.1.2.1.1.3.0')] } as const
  const id = 0x0102_0304
  const opened = (security: ReturnType<typeof createUsmSecurity>, bytes: Buffer) => {
    const reader = new MessageReader()
    return reader.read(bytes) ? security.open(reader) : 'malformed'
  }
  const start = async () => {
    const passwords = createPasswordKeys()
    const auth = { protocol: 'sha256', password: 'a-pass-phrase' } as const
    const security = createUsmSecurity({ ...access, auth }, { passwords, now: () => 1_000_000 })
    await security.prepare()
    return security
  }
  const theirs = Buffer.from('80001f8880e9630000d61ff449', 'hex')

  it('is asked for its engine first, and then gets the request, signed', async () => {
    const security = await start()
    const first = new MessageReader()
    expect(first.read(Buffer.from(security.message(asked, id)))).toBe(true)
    expect(first).toMatchObject({ version: 3, id, flags: 4 })
    expect(opened(security, report(id, 4, theirs))).toBe('again')
    expect(security.engine()).toMatchObject({ id: theirs.toString('hex'), boots: 1, time: 100 })
    const second = new MessageReader()
    expect(second.read(Buffer.from(security.message(asked, id)))).toBe(true)
    expect(second.flags).toBe(5)
  })

  it('is not believed without a signature, whatever it says', async () => {
    const security = await start()
    security.message(asked, id)
    opened(security, report(id, 4, theirs))
    // A report that the time is wrong would set our notion of its clock back.
    expect(opened(security, report(id, 2, theirs, 0, 0))).toBe('unauthenticated')
    expect(opened(security, report(id, 5, theirs))).toBeInstanceOf(SnmpFailure)
    expect(opened(security, report(id, 4, Buffer.from('abc')))).toBe('malformed')
  })

  it('that does not take its own engine id is refused', async () => {
    const security = await start()
    security.message(asked, id)
    opened(security, report(id, 4, theirs))
    const failure = opened(security, report(id, 4, theirs))
    expect(failure).toMatchObject({ message: 'the agent did not accept its own engine id' })
  })

  it('cannot make us throw', async () => {
    const security = await start()
    security.message(asked, id)
    const honest = report(id, 4, theirs)
    const change = fc.record({ at: fc.nat(200), to: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (all) => {
        const bytes = Buffer.from(honest)
        for (const { at, to } of all) bytes[at % bytes.length] = to
        opened(security, bytes)
      }),
      { numRuns: 3_000 },
    )
  })
})
