import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../../src/model/profile.ts'
import { shippedProfiles } from '../../support/shipped-profiles.ts'

const root = join(import.meta.dirname, '../../..')
const devices = join(root, '../shared/devices')
const hasDevices = existsSync(devices)
if (!hasDevices) console.warn(`left out: the recordings of real devices, as there is no ${devices}`)

/** What is said of one profile in one row of the table. */
interface Claim {
  readonly profile: string
  readonly columns: readonly string[]
  readonly verified: string
}

/** `1.2.3.4, .7, .8–9`: what begins with a dot takes the place of the end of the one before. */
function columnsIn(cell: string): readonly string[] {
  const columns: string[] = []
  for (const word of cell.split(', ')) {
    const [from = '', to] = word.split('–')
    const arcs = from.split('.').filter((arc) => arc !== '')
    const before = columns.at(-1)?.split('.') ?? []
    const whole = from.startsWith('.') ? [...before.slice(0, -arcs.length), ...arcs] : arcs
    const last = Number(whole.at(-1))
    for (let arc = last; arc <= Number(to ?? last); arc++)
      columns.push([...whole.slice(0, -1), arc].join('.'))
  }
  return columns
}

function claimsIn(readme: string): readonly Claim[] {
  let profile = ''
  return readme.split('\n').flatMap((line): readonly Claim[] => {
    const [, vendor = '', , columns = '', verified = ''] = line.split('|').map((cell) => cell.trim())
    if (!/^\.?1\.3\.6\./.test(columns)) return []
    profile = /\(`(.*)`\)/.exec(vendor)?.[1] ?? profile
    return [{ profile, columns: columnsIn(columns), verified }]
  })
}

const claims = claimsIn(readFileSync(join(root, 'config/profiles/README.md'), 'utf8'))

describe('the table of profiles', () => {
  it('names the columns that each profile reads values of, and no others', async () => {
    for (const { id, reads } of await shippedProfiles()) {
      const told = claims.filter(({ profile }) => profile === id).flatMap(({ columns }) => columns)
      const values = reads.flatMap((read) => columnsOf(read).moving.filter((oid) => oid !== read.when?.oid))
      const all = reads.flatMap((read) => [...columnsOf(read).moving, ...columnsOf(read).still])
      expect([...new Set(values)].filter((oid) => !told.includes(oid)).toSorted(), id).toEqual([])
      expect(told.filter((oid) => !all.includes(oid)).toSorted(), id).toEqual([])
    }
  })

  it('says of each row which recording it was verified against, or that it was not', () => {
    expect(claims.length).toBeGreaterThan(40)
    expect(
      claims.filter(({ verified }) => !/^(not verified|[a-z0-9-]+: |huawei-s5720 holds)/.test(verified)),
    ).toEqual([])
  })
})

describe.skipIf(!hasDevices)('the recordings of real devices', () => {
  const names = hasDevices
    ? readdirSync(devices).flatMap((file) => /^(.*)\.snmprec$/.exec(file)?.[1] ?? [])
    : []
  const recordings = new Map(
    names.map((name) => [name, `\n${readFileSync(join(devices, `${name}.snmprec`), 'latin1')}`]),
  )
  const holds = (name: string, column: string) => recordings.get(name)?.includes(`\n${column}.`) ?? false
  const namedIn = (text: string) => names.filter((name) => text.includes(name))

  it('hold what was verified against them', () => {
    for (const { columns, verified } of claims) {
      if (verified.startsWith('not verified')) continue
      const named = namedIn(verified)
      expect(named, verified).not.toEqual([])
      const without = named.filter((name) => !columns.some((column) => holds(name, column)))
      const unseen = columns.filter((column) => !named.some((name) => holds(name, column)))
      expect({ without, unseen }, verified).toEqual({ without: [], unseen: [] })
    }
  })

  it('hold nothing of what is said not to be verified, unless that is said too', () => {
    for (const { columns, verified } of claims) {
      if (!verified.startsWith('not verified')) continue
      const held = names.filter((name) => columns.some((column) => holds(name, column)))
      expect(
        held.filter((name) => !verified.includes(`${name} holds`)),
        verified,
      ).toEqual([])
    }
  })
})
