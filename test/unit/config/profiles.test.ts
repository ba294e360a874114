import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { formatProblems } from '../../../src/config/problem.ts'
import { columnsOf, type Profile } from '../../../src/model/profile.ts'
import { shippedProfiles } from '../../support/shipped-profiles.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-profiles-'))
  await mkdir(join(folder, 'mine'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = (name: string, text: string) => writeFile(join(folder, 'mine', name), text)

const load = (setting = 'mine') =>
  loadConfigText(
    `elements: [{ id: a, address: 192.0.2.1 }]\npoll: { profiles: ${setting} }\n`,
    join(folder, 'faultline.yaml'),
    {},
  )

async function profiles(): Promise<readonly Profile[]> {
  const loaded = await load()
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  return loaded.config.poll.profiles
}

/** What `check` says. */
async function problems(setting?: string): Promise<string> {
  const loaded = await load(setting)
  return loaded.ok ? '' : formatProblems(loaded.problems).replaceAll(`${folder}/`, '')
}

const least =
  'id: mine\nname: Mine\nmatch: [1.3.6.1.4.1.99999]\nreads:\n  - { gives: cpu, value: 1.3.6.1.4.1.99999.1 }\n'

describe('profiles of your own', () => {
  it('come beside those of the program', async () => {
    await put('mine.yaml', least)
    const all = await profiles()
    const shipped = await shippedProfiles()
    expect(all).toHaveLength(shipped.length + 1)
    expect(all.at(-1)).toEqual({
      id: 'mine',
      name: 'Mine',
      match: ['1.3.6.1.4.1.99999'],
      reads: [
        {
          gives: 'cpu',
          value: ['1.3.6.1.4.1.99999.1'],
          scale: 0.01,
          idle: false,
          of: 'max',
          names: [],
          only: [],
          except: [],
        },
      ],
    })
  })

  it('replace one of the program by its id', async () => {
    await put('net-snmp.yml', least.replace('id: mine', 'id: net-snmp'))
    const all = await profiles()
    expect(all.filter(({ id }) => id === 'net-snmp').map(({ name }) => name)).toEqual(['Mine'])
    expect(all).toHaveLength((await shippedProfiles()).length)
  })

  it('may stand beside other files', async () => {
    await put('mine.yaml', least)
    await put('README.md', '# notes')
    expect((await profiles()).at(-1)?.id).toBe('mine')
  })
})

describe('a profile that is wrong', () => {
  const reads = (read: string) => least.replace(/ {2}- .*\n/, `  - ${read}\n`)

  it.for([
    [
      'an OID with a dot in front',
      '{ gives: cpu, value: .1.3.6.1.4.1.9 }',
      'value  expected an OID such as 1.3.6.1.2.1.99.1.1.1.4, without a dot in front',
    ],
    [
      'an OID that is none',
      '{ gives: cpu, value: 1.40.6.1.1 }',
      'value  expected an OID such as 1.3.6.1.2.1.99.1.1.1.4, without a dot in front',
    ],
    [
      'an OID that no message can carry',
      '{ gives: cpu, value: [1.3.6.1.4.1.4294967296] }',
      'value[0]  expected an OID such as 1.3.6.1.2.1.99.1.1.1.4, without a dot in front',
    ],
    [
      'a scalar with its .0',
      '{ gives: cpu, value: 1.3.6.1.4.1.9.0 }',
      'value  a scalar is written without the .0 of its only row',
    ],
    [
      'a key that is not known',
      '{ gives: cpu, value: 1.3.6.1.4.1.9, unit: "%" }',
      'unit  unknown key "unit"',
    ],
    [
      'a key that is spelled wrong',
      '{ gives: cpu, valu: 1.3.6.1.4.1.9, value: 1.3.6.1.4.1.9 }',
      'valu  unknown key "valu"; did you mean "value"?',
    ],
    [
      'an unknown unit',
      '{ gives: sensors, value: 1.3.6.1.4.1.9, unit: K }',
      'unit  expected °C, dBm, V, A, W, Hz, % or rpm',
    ],
    [
      'decibels of degrees',
      '{ gives: sensors, value: 1.3.6.1.4.1.9, unit: °C, as: dBm }',
      'as  only watts can be told as dBm',
    ],
    [
      'a range upside down',
      '{ gives: sensors, value: 1.3.6.1.4.1.9, unit: V, range: [5, 1] }',
      'range  must be [least, most]',
    ],
    [
      'memory of one size',
      '{ gives: memory, used: 1.3.6.1.4.1.9.1 }',
      'value  needs either "value", or two of "used", "free" and "total"',
    ],
    [
      'memory of two kinds',
      '{ gives: memory, value: 1.3.6.1.4.1.9.1, used: 1.3.6.1.4.1.9.2, total: 1.3.6.1.4.1.9.3 }',
      'value  needs either "value", or two of "used", "free" and "total"',
    ],
    [
      'a condition without a value',
      '{ gives: cpu, value: 1.3.6.1.4.1.9, when: { oid: 1.3.6.1.4.1.9.2 } }',
      'when  needs "is" or "not"',
    ],
    [
      'a factor of nothing',
      '{ gives: cpu, value: 1.3.6.1.4.1.9, scale: 0 }',
      'scale  must be a number that is not 0',
    ],
  ] as const)('is refused with file and line: %s', async ([, read, message]) => {
    await put('mine.yaml', reads(read))
    const at = (await shippedProfiles()).length
    expect(await problems()).toMatch(/^mine\/mine\.yaml:5:\d+ {2}/)
    expect((await problems()).replace(/^\S+ {2}/, '')).toBe(`poll.profiles[${at}].reads[0].${message}`)
  })

  it('does not hide what is wrong with another, or with the configuration', async () => {
    await put('a.yaml', least.replace('name: Mine\n', ''))
    await put('b.yaml', 'id: [')
    await put('c.yaml', least.replace('id: mine', 'id: other').replace('[1.3.6.1.4.1.99999]', 'every'))
    const text = await problems()
    expect(text).toContain('mine/a.yaml:1:1')
    expect(text).toContain('.name  is missing')
    expect(text).toMatch(/mine\/b\.yaml:1:\d+ {2}poll\.profiles {2}not valid YAML/)
    expect(text).toMatch(/mine\/c\.yaml:3:8 {2}poll\.profiles\[\d+\]\.match {2}expected any or a list$/m)
  })

  it('may not share its id with another of that folder', async () => {
    await put('a.yaml', least)
    await put('b.yaml', least)
    expect(await problems()).toBe('mine/b.yaml:1:5  poll.profiles  there is another profile "mine" already')
  })
})

describe('the setting', () => {
  it.for([
    ['nowhere', 'faultline.yaml:2:19  poll.profiles  there is no such folder: nowhere'],
    ['mine', 'faultline.yaml:2:19  poll.profiles  there is no profile (*.yaml) in it: mine'],
    ['faultline.txt', 'faultline.yaml:2:19  poll.profiles  it is not a folder: faultline.txt'],
    ['[mine]', 'faultline.yaml:2:19  poll.profiles  expected the name of a folder'],
  ] as const)('must name a folder with profiles: %s', async ([setting, problem]) => {
    await writeFile(join(folder, 'faultline.txt'), '')
    expect(await problems(setting)).toBe(problem)
  })

  it('leaves what is wrong with the rest of `poll` to be told', async () => {
    const loaded = await loadConfigText('elements: [{ id: a }]\npoll: 5\n', join(folder, 'f.yaml'), {})
    expect(loaded.ok ? '' : formatProblems(loaded.problems)).toContain(
      'poll  expected a mapping, got a number',
    )
  })
})

describe('the profiles of the program', () => {
  const shipped = join(import.meta.dirname, '../../../config/profiles')
  const readme = readFileSync(join(shipped, 'README.md'), 'utf8')

  it('are called as their files are, and stand in the table', async () => {
    const ids = (await shippedProfiles()).map(({ id }) => id)
    const files = globSync('*.yaml', { cwd: shipped }).map((file) => file.replace('.yaml', ''))
    expect(ids.toSorted()).toEqual(files.toSorted())
    expect(ids.filter((id) => !readme.includes(`(\`${id}\`)`))).toEqual([])
  })

  it('hold for the vendors that they are for', async () => {
    const all = await shippedProfiles()
    const roots = new Set(
      all.flatMap(({ match }) => (match === 'any' ? [] : match.map((oid) => oid.split('.')[6]))),
    )
    const vendors = {
      Cisco: '9',
      HPE: '11',
      'D-Link': '171',
      Brocade: '1991',
      Huawei: '2011',
      UCD: '2021',
      Juniper: '2636',
      BDCOM: '3320',
      ZTE: '3902',
      Ruijie: '4881',
      Maipu: '5651',
      DCN: '6339',
      'Net-SNMP': '8072',
      Fortinet: '12356',
      MikroTik: '14988',
      H3C: '25506',
      Arista: '30065',
      DPtech: '31648',
    }
    expect(Object.entries(vendors).filter(([, root]) => !roots.has(root))).toEqual([])
  })

  it('read what is moving and what stays apart', async () => {
    for (const { id, reads } of await shippedProfiles())
      for (const read of reads) {
        const { moving, still } = columnsOf(read)
        expect(moving.length, id).toBeGreaterThan(0)
        expect(
          moving.filter((oid) => still.includes(oid)),
          id,
        ).toEqual([])
      }
  })
})
