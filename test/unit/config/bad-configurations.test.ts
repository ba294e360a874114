import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { formatProblems } from '../../../src/config/problem.ts'

const folder = relative(process.cwd(), join(import.meta.dirname, '../../fixtures/config/bad'))
const cases = globSync('*.yaml', { cwd: folder }).map((file) => file.replace('.yaml', ''))
const env = { FAULTLINE_TEST_WORD: 'snmp' }

/** What a person sees who is in the folder of the file. */
async function problemsOf(file: string): Promise<string> {
  const loaded = await loadConfig(file, env)
  return loaded.ok ? 'no problems\n' : `${formatProblems(loaded.problems)}\n`.replaceAll(`${folder}/`, '')
}

describe('a bad configuration', () => {
  it.for(cases.sort())('is refused with every problem and its place: %s', async (name) => {
    const problems = await problemsOf(join(folder, `${name}.yaml`))
    const golden = join(folder, `${name}.txt`)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, problems)
    expect(problems).toBe(readFileSync(golden, 'utf8'))
  })
})

describe('a file that is no configuration', () => {
  let made = ''
  beforeAll(async () => {
    made = await mkdtemp(join(tmpdir(), 'faultline-config-'))
  })
  afterAll(() => rm(made, { recursive: true }))

  const problemsIn = async (content: string | Buffer) => {
    const file = join(made, 'faultline.yaml')
    await writeFile(file, content)
    return (await problemsOf(file)).replaceAll(`${made}/`, '')
  }

  it('is refused when it is larger than 4 MiB, without being parsed', async () => {
    const large = `elements:\n${'  - { id: x, address: 192.0.2.1 }\n'.repeat(160_000)}`
    expect(large.length).toBeGreaterThan(5_000_000)
    expect(await problemsIn(large)).toBe('faultline.yaml  the file is larger than 4194304 bytes\n')
  })

  it('is refused when it is not text', async () => {
    expect(await problemsIn(Buffer.from([0x65, 0xff, 0xfe, 0x00]))).toBe(
      'faultline.yaml  the file is not UTF-8 text\n',
    )
  })

  it('is refused when it is nested beyond reason, at once', async () => {
    expect(await problemsIn('['.repeat(1_000_000))).toBe('faultline.yaml  not valid: nested too deep\n')
    expect(await problemsIn(`a: ${'{ a: '.repeat(50)}1${' }'.repeat(50)}`)).toContain('levels deep')
  })

  it('is refused when it is not there, or a folder, or a device', async () => {
    expect(await problemsOf('no-such.yaml')).toBe('no-such.yaml  there is no such file\n')
    expect(await problemsOf(tmpdir())).toBe(`${tmpdir()}  it is a folder, not a file\n`)
    expect(await problemsOf('/dev/zero')).toBe('/dev/zero  it is not a regular file\n')
  })

  it('is refused when it is a pipe, without waiting for who might write', async () => {
    const pipe = join(made, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(await problemsOf(pipe)).toBe(`${pipe}  it is not a regular file\n`)
  })

  it('gives no secret away in what is said about it', async () => {
    const said = await problemsIn(`
elements:
  - { id: core1, address: 192.0.2.1, snmp: { version: 2c, community: [hunter2] } }
  - { id: core2, address: 192.0.2.2, snmp: { version: 3, user: u, auth: { protocol: sha256, password: hunter2 } } }
notify: { channels: { hook: { kind: webhook, url: 'https://u:hunter2@example.net', secret: hunter2 } } }
`)
    expect(said.split('\n')).toHaveLength(5)
    expect(said).not.toContain('hunter2')
  })
})
