import { describe, expect, it } from 'vitest'
import type { LearnedLink } from '../../../src/inventory/learned-links.ts'
import { linkDifferences } from '../../../src/inventory/link-differences.ts'
import { type LinkEnd, linkBetween } from '../../../src/model/link.ts'
import type { Neighbour } from '../../../src/model/reading.ts'

const end = (text: string): LinkEnd => {
  const [element = '', port] = text.split(' ')
  return port === undefined ? { element } : { element, interface: port }
}
const declared = (...pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([a, b]) => linkBetween(end(a), end(b), 'declared'))
const shown = (...pairs: readonly (readonly [string, string])[]): LearnedLink[] =>
  pairs.map(([one, other]) => {
    const [a, b] = [end(one), end(other)]
    return {
      a: a.element,
      b: b.element,
      ...(a.interface === undefined ? {} : { aPort: a.interface }),
      ...(b.interface === undefined ? {} : { bPort: b.interface }),
    }
  })

const compare = (input: Partial<Parameters<typeof linkDifferences>[0]>) =>
  linkDifferences({
    declared: [],
    learned: [],
    telling: new Set(['a', 'b', 'c']),
    portsKnown: () => true,
    strangers: new Map(),
    ...input,
  }).map(({ kind, text }) => `${kind}: ${text}`)

describe('LLDP and the inventory', () => {
  it('do not differ where links are the same, with or without ports', () => {
    const learned = shown(['a 1', 'b 2'], ['b 3', 'c 4'])
    expect(compare({ declared: declared(['a 1', 'b 2'], ['b', 'c']), learned })).toEqual([])
    expect(compare({ declared: declared(['b 2', 'a'], ['c 4', 'b 3']), learned })).toEqual([])
  })

  it('differ in a link that nobody declared', () => {
    expect(
      compare({ declared: declared(['a', 'b']), learned: shown(['a 1', 'b 2'], ['a 5', 'b 6']) }),
    ).toEqual(['undeclaredLink: LLDP shows a link from a 5 to b 6 that is not declared.'])
  })

  it('differ in a link that neither end shows, and not where an end says nothing of neighbours', () => {
    const links = declared(['a 1', 'b 2'])
    expect(compare({ declared: links })).toEqual([
      'missingLink: The declared link from a 1 to b 2 is not shown by LLDP, though both ends tell of their neighbours.',
    ])
    expect(compare({ declared: links, telling: new Set(['a']) })).toEqual([])
  })

  it('differ in the port of one end, and of both', () => {
    const links = declared(['a 1', 'b 2'])
    expect(compare({ declared: links, learned: shown(['a 1', 'b 9']) })).toEqual([
      'otherPort: The declared link from a 1 to b 2 is elsewhere by LLDP: b 2 is on 9.',
    ])
    expect(compare({ declared: links, learned: shown(['a 8', 'b 9']) })).toEqual([
      'otherPort: The declared link from a 1 to b 2 is elsewhere by LLDP: a 1 is on 8, b 2 is on 9.',
    ])
  })

  it('do not differ by what an element is told to call a port whose interfaces nobody knows', () => {
    const input = { declared: declared(['a 1', 'b 2']), learned: shown(['a 1', 'b uplink to a']) }
    expect(compare({ ...input, portsKnown: (element) => element === 'a' })).toEqual([])
  })

  it('differ in a neighbour that is no element', () => {
    const stranger: Neighbour = { localPort: '7', remoteSystem: 'ap-17', remotePort: 'eth0' }
    expect(compare({ strangers: new Map([['a', [stranger]]]) })).toEqual([
      'unknownNeighbour: a 7 has a neighbour that is no element: ap-17, port eth0.',
    ])
  })
})
