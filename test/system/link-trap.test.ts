import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { LinkTrapStory } from '../support/link-trap-child.ts'
import { openOwnNetworks } from '../support/own-network.ts'
import { has } from '../support/requires.ts'

const run = promisify(execFile)
const child = join(import.meta.dirname, '../support/link-trap-child.ts')

describe.skipIf(!has('snmpd', 'snmpget', 'ip', 'unshare'))(
  'a cable that is pulled',
  { timeout: 90_000 },
  () => {
    it('is an alarm by the authenticated trap of a real agent, of that port and not of the one shut down on purpose', async () => {
      await using networks = await openOwnNetworks()
      const program = await networks.wrap('story', process.execPath)
      const { stdout } = await run(program, [child], { timeout: 80_000 })
      const story: LinkTrapStory = JSON.parse(stdout)
      const text = 'box[near] is down: told by an authenticated linkDown trap'
      // Pulling it is to shut down the port at its other end, of which the same agent tells as well.
      expect(story.whileDown).toEqual([text])
      expect(story.afterwards).toEqual([])
      expect(story.cleared).toEqual([text])
      const links = story.traps.filter(({ kind }) => kind === 'linkDown' || kind === 'linkUp')
      expect(links.map(({ kind }) => kind).toSorted()).toEqual(['linkDown', 'linkDown', 'linkUp', 'linkUp'])
      expect(links.every(({ authenticated }) => authenticated)).toBe(true)
    })
  },
)
