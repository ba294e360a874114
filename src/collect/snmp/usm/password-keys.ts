import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuthProtocol } from '../../../model/target.ts'
import { authProtocols } from './auth-protocol.ts'

/** RFC 3414 §A.2: a pass phrase is repeated to this many bytes, and hashed. */
const expandedBytes = 2 ** 20
/** Hashed at a stretch: well under a millisecond, so that nothing else waits. */
const sliceBytes = 2 ** 17

/** Keys of pass phrases (Ku of RFC 3414 §2.6). Each costs a megabyte of hashing, so it is made once for all engines. */
export interface PasswordKeys {
  /** At once, when it was made before. */
  known(protocol: AuthProtocol, password: string): Buffer | undefined
  key(protocol: AuthProtocol, password: string): Promise<Buffer>
}

export function createPasswordKeys(): PasswordKeys {
  const made = new Map<string, Buffer>()
  const making = new Map<string, Promise<Buffer>>()
  /** One after the other: of many at once, the slices of all would be hashed in the same turn. */
  let last: Promise<unknown> = Promise.resolve()
  const nameOf = (protocol: AuthProtocol, password: string) => `${protocol} ${password}`

  const make = async (protocol: AuthProtocol, password: string): Promise<Buffer> => {
    const hash = createHash(authProtocols[protocol].hash)
    const phrase = Buffer.from(password)
    // A whole number of repetitions, so that one slice joins the next.
    const slice = Buffer.alloc(phrase.length * Math.ceil(sliceBytes / phrase.length), phrase)
    for (let left = expandedBytes; left > 0; left -= slice.length) {
      hash.update(left < slice.length ? slice.subarray(0, left) : slice)
      await nextTurn()
    }
    return hash.digest()
  }

  return {
    known: (protocol, password) => made.get(nameOf(protocol, password)),
    key(protocol, password) {
      const name = nameOf(protocol, password)
      const started = making.get(name)
      if (started !== undefined) return started
      const key = last.then(async () => {
        const done = await make(protocol, password)
        made.set(name, done)
        return done
      })
      last = key
      making.set(name, key)
      return key
    },
  }
}
