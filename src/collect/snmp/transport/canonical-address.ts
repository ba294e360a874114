import { isIPv6, SocketAddress } from 'node:net'

/** One spelling for each address, without a zone. */
export function canonicalAddress(address: string): string {
  const bare = address.split('%', 1)[0] ?? address
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}
