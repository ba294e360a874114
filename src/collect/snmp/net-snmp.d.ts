/** What this folder uses of the `net-snmp` package (3.29), which brings no types of its own. */
declare module 'net-snmp' {
  import type { EventEmitter } from 'node:events'

  export interface Varbind {
    readonly oid: string
    /** One of `ObjectType`. */
    readonly type: number
    /** Counter64 and OctetString as bytes, OID and IpAddress as text, the other numbers as numbers. */
    readonly value: number | string | boolean | Buffer | null | undefined
  }

  export interface V3User {
    readonly name: string
    readonly level: number
    readonly authProtocol?: number
    readonly authKey?: string
    readonly privProtocol?: number
    readonly privKey?: string
  }

  export interface SessionOptions {
    readonly version?: number
    readonly port?: number
    readonly transport?: 'udp4' | 'udp6'
    readonly retries?: number
    readonly timeout?: number
    readonly dgramModule?: { createSocket(transport: 'udp4' | 'udp6'): unknown }
  }

  export class Session extends EventEmitter {
    get(oids: string[], done: (error: Error | null, varbinds?: Varbind[]) => void): this
    getNext(oids: string[], done: (error: Error | null, varbinds?: Varbind[]) => void): this
    getBulk(
      oids: string[],
      nonRepeaters: number,
      maxRepetitions: number,
      done: (error: Error | null, columns?: (Varbind | Varbind[])[]) => void,
    ): this
    close(): this
  }

  export function createSession(address: string, community: string, options: SessionOptions): Session
  export function createV3Session(address: string, user: V3User, options: SessionOptions): Session

  export const Version1: number
  export const Version2c: number
  export const SecurityLevel: { noAuthNoPriv: number; authNoPriv: number; authPriv: number }
  export const AuthProtocols: Record<'md5' | 'sha' | 'sha224' | 'sha256' | 'sha384' | 'sha512', number>
  export const PrivProtocols: Record<'des' | 'aes' | 'aes256b' | 'aes256r', number>

  export class RequestTimedOutError extends Error {}
  export class RequestFailedError extends Error {
    /** errorStatus of RFC 3416. */
    readonly status: number
  }
  export class ResponseInvalidError extends Error {
    /** One of `ResponseInvalidCode`. */
    readonly code: number
  }
}
