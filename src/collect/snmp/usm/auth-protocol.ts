import type { AuthProtocol } from '../../../model/target.ts'

/** Name of the hash in OpenSSL, and how much of the HMAC a message bears, bytes (RFC 3414 §6 and §7, RFC 7860 §4). */
export const authProtocols: Readonly<
  Record<AuthProtocol, { readonly hash: string; readonly digest: number }>
> = {
  md5: { hash: 'md5', digest: 12 },
  sha: { hash: 'sha1', digest: 12 },
  sha224: { hash: 'sha224', digest: 16 },
  sha256: { hash: 'sha256', digest: 24 },
  sha384: { hash: 'sha384', digest: 32 },
  sha512: { hash: 'sha512', digest: 48 },
}
