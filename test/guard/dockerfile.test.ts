import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { daemonEnv, daemonFlags, heapGrowth } from '../../scripts/memory.mjs'

const root = join(import.meta.dirname, '../..')
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const stages = dockerfile.split(/^FROM /m).slice(1)
const image = stages.at(-1) ?? ''
const lines = (keyword: string, text = dockerfile) =>
  [...text.matchAll(new RegExp(`^${keyword} (.+)$`, 'gm'))].map((match) => match[1] ?? '')
const jsonWords = (line: string): readonly string[] => JSON.parse(line)

describe('Dockerfile', () => {
  it('copies only what is in the repository', () => {
    const copied = lines('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(/\s+/).slice(0, -1))
    expect(copied.length).toBeGreaterThan(5)
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('copies from the build stage only what that stage makes', () => {
    const made = lines('COPY', image)
      .filter((line) => line.startsWith('--from=build'))
      .map((line) => line.split(/\s+/)[1])
    expect(made).toEqual(['/build/node_modules', '/build/dist'])
    expect(stages[0]).toContain('WORKDIR /build')
    expect(stages[0]).toContain('npm run build')
    expect(stages[0]?.trimEnd().endsWith('npm ci --omit=dev --no-audit --no-fund')).toBe(true)
  })

  it('runs as a user that is not root', () => {
    expect(lines('USER', image)).toEqual(['node'])
  })

  it('has fping with the capability that it needs', () => {
    expect(image).toMatch(/apt-get install .*\bfping\b/)
    expect(image).toContain('setcap cap_net_raw+ep /usr/bin/fping')
  })

  it('has what the sender of ICMP echoes needs', () => {
    // Perl is essential on Debian, and in no smaller image.
    expect(image).toMatch(/^node:\d+-[a-z]+(-slim)?\n/)
    const script = readFileSync(join(root, 'scripts/build.mjs'), 'utf8')
    const [, ...path] = /'(collect)', '(sender)'/.exec(script) ?? []
    expect(existsSync(join(root, 'src', ...path, 'burst-sender.pl'))).toBe(true)
  })

  it('checks its health and starts with programs that are there', () => {
    const health = jsonWords(/HEALTHCHECK .*CMD (\[.*\])/.exec(image)?.[1] ?? '[]')
    const start = jsonWords(lines('ENTRYPOINT', image)[0] ?? '[]')
    for (const command of [health, start]) {
      expect(command[0]).toBe('node')
      expect(existsSync(join(root, command[1] ?? 'missing'))).toBe(true)
    }
  })

  it('holds as little memory as `npm start`', () => {
    const variables = lines('ENV', image).join(' ')
    for (const [name, value] of Object.entries(daemonEnv)) expect(variables).toContain(`${name}=${value}`)
    expect(variables).toContain(`NODE_OPTIONS=${daemonFlags.join(' ')}`)
    const program = readFileSync(join(root, 'bin/faultline.js'), 'utf8')
    expect(program).toContain(`setFlagsFromString('${heapGrowth}')`)
    const [shebang] = program.split('\n')
    expect(shebang).toBe(`#!/usr/bin/env -S node ${daemonFlags.join(' ')}`)
  })

  it('compiles with every configuration that the build script names', () => {
    const script = readFileSync(join(root, 'scripts/build.mjs'), 'utf8')
    const named = [...script.matchAll(/'(tsconfig[\w.]*\.json)'/g)].map((match) => match[1])
    expect(named.length).toBeGreaterThan(0)
    const copied = lines('COPY', stages[0]).join(' ')
    for (const file of [...named, ...globSync('tsconfig*.json', { cwd: root })])
      expect(copied).toContain(file)
  })
})
