import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { ReadinessView } from '../../src/api/views/readiness-schemas.ts'
import type { ElementPage } from '../../src/api/views.ts'
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.ts'
import { eventually } from '../support/eventually.ts'
import { type InstalledPackage, installPackage } from '../support/installed-package.ts'
import { has, isLinuxRoot } from '../support/requires.ts'

const repository = resolve(import.meta.dirname, '../..')
const systemNode = '/usr/bin/node'

/** Major version of a Node at that path; 0 when there is none. */
const majorOf = (node: string): number =>
  existsSync(node)
    ? Number.parseInt(spawnSync(node, ['-p', 'process.versions.node']).stdout.toString(), 10)
    : 0
const oldNode = majorOf(systemNode)
const hasOldNode = oldNode >= 14 && oldNode < 24
if (!hasOldNode) console.warn(`*** ${systemNode} is no older Node: that it is refused is LEFT OUT.`)

let installed: InstalledPackage

/** Runs a program of the image to its end. */
function once(words: readonly string[], { env = {}, node = installed.node } = {}) {
  const [, ...args] = words
  const { status, stdout, stderr } = spawnSync(node, args, {
    ...installed.options,
    env: { ...installed.options.env, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { code: status, said: stdout, complained: stderr }
}
const faultline = (...args: readonly string[]) => once([...installed.image.entrypoint, ...args])

const config = {
  server: { listen: '127.0.0.1:0' },
  state: { path: 'state.db' },
  samples: { kind: 'embedded', path: 'samples' },
  poll: { icmp: { interval: '1s', count: 3, timeout: '500ms' } },
  vantage: 'here',
  elements: [{ id: 'loop', address: '127.0.0.1', uplinks: ['here'] }],
}

describe('the package as the image has it', () => {
  let configFile: string

  beforeAll(() => {
    const from = performance.now()
    installed = installPackage()
    console.log(`compiled and installed in ${Math.round(performance.now() - from)} ms`)
    configFile = join(installed.data, 'faultline.yaml')
    writeFileSync(configFile, stringify(config))
  })

  afterAll(() => installed?.remove())

  it('holds neither sources nor what only developers need', () => {
    const packages = readdirSync(join(installed.folder, 'node_modules'))
    expect(packages).toContain('express')
    for (const name of ['vitest', 'typescript', 'playwright-core', 'node'])
      expect(packages).not.toContain(name)
    expect(existsSync(join(installed.folder, 'src'))).toBe(false)
    const compiled = readdirSync(join(installed.folder, 'dist'), { recursive: true, encoding: 'utf8' })
    expect(compiled.filter((file) => file.endsWith('.ts'))).toEqual([])
  })

  it('prints the schema of the configuration', () => {
    const schema = readFileSync(join(repository, 'config/schema.json'), 'utf8')
    expect(faultline('schema')).toEqual({ code: 0, said: schema, complained: '' })
  })

  it('says 0 to a good configuration, and 78 to a bad one with every problem', () => {
    expect(faultline('check', '--config', configFile)).toMatchObject({ code: 0 })
    const bad = join(installed.data, 'bad.yaml')
    const [element] = config.elements
    writeFileSync(
      bad,
      stringify({ ...config, vantag: 'x', elements: [{ ...element, uplinks: ['nowhere'] }] }),
    )
    for (const command of ['check', 'run']) {
      const { code, complained } = faultline(command, '--config', bad)
      expect(code).toBe(78)
      expect(complained).toMatch(/bad\.yaml:\d+.*vantag/)
      expect(complained).toMatch(/bad\.yaml:\d+.*nowhere/)
    }
  })

  it.skipIf(!isLinuxRoot || !has('perl'))('sends ICMP echoes by itself where its network lets it', () => {
    // Nothing else that could send them is on its path.
    const only = join(installed.data, 'bin')
    mkdirSync(only)
    symlinkSync('/usr/bin/perl', join(only, 'perl'))
    const { uid = 0, gid = 0 } = installed.options
    const commands = [
      'ip link set lo up',
      'echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range',
      `exec setpriv --reuid=${uid} --regid=${gid} --clear-groups --bounding-set=-net_raw env PATH=${only} "$@"`,
    ]
    const [, ...entrypoint] = installed.image.entrypoint
    const poll = [installed.node, ...entrypoint, 'poll', '--config', configFile, '--json', 'loop']
    const { status, stdout } = spawnSync('unshare', ['-n', 'sh', '-c', commands.join('\n'), 'sh', ...poll], {
      cwd: installed.folder,
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(status).toBe(0)
    expect(JSON.parse(stdout).readings).toMatchObject([
      { probe: 'icmp', outcome: 'answered', burst: { sent: 3 } },
    ])
  })

  it.skipIf(!hasOldNode)('tells an old Node in plain words that it is too old', () => {
    const { code, said, complained } = once([...installed.image.entrypoint, 'check'], { node: systemNode })
    expect({ code, said }).toEqual({ code: 1, said: '' })
    expect(complained).toMatch(/^Faultline needs Node\.js 24 or newer; this is \d+\.\d+\.\d+ \(.+\)\.\n$/)
  })

  describe('started by the command of the image', () => {
    let daemon: DaemonProcess

    beforeAll(async () => {
      const { entrypoint, command } = installed.image
      const words = [...entrypoint, ...command].map((word) => (word.endsWith('.yaml') ? configFile : word))
      expect(words[0]).toBe('node')
      expect(words).toContain(configFile)
      daemon = await startDaemonProcess(installed.node, words.slice(1), installed.options)
    })

    afterAll(() => daemon?.[Symbol.asyncDispose]())

    const health = () =>
      once(installed.image.healthCheck, { env: { FAULTLINE_HEALTH_URL: `${daemon.url}/healthz` } })

    it('is healthy, and ready', async () => {
      expect(health()).toEqual({ code: 0, said: '', complained: '' })
      await eventually('ready', async () => (await daemon.get<ReadinessView>('/readyz')).state === 'ready')
    })

    it('runs as a user without rights, and polls', async () => {
      if (installed.options.uid !== undefined) {
        const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8')
        expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe(String(installed.options.uid))
      }
      await eventually('an answer from loopback', async () => {
        const { items } = await daemon.get<ElementPage>('/api/v1/elements')
        return items.find(({ id }) => id === 'loop')?.reach === 'answering'
      })
    })

    it('serves the console and every script of it as JavaScript', async () => {
      const page = await fetch(daemon.url)
      expect(page.headers.get('content-type')).toContain('text/html')
      const html = await page.text()
      expect(html).toContain('assets/main.js')
      const files = [...html.matchAll(/(?:src|href)="assets\/([^"]+)"/g)].map(([, name = '']) => name)
      const seen = new Set(files)
      // A set can grow while it is walked.
      for (const name of seen) {
        const answer = await fetch(`${daemon.url}/assets/${name}`)
        expect(`${name} ${answer.status}`).toBe(`${name} 200`)
        if (!name.endsWith('.js')) continue
        expect(answer.headers.get('content-type')).toMatch(/^text\/javascript\b/)
        const script = await answer.text()
        if (name !== 'uplot.js') expect(stripTypeScriptTypes(script)).toBe(script)
        for (const [, imported = ''] of script.matchAll(/from ['"]\.\/([^'"]+)['"]/g)) seen.add(imported)
      }
      expect(seen).toContain('main.js')
      expect(seen).toContain('network-graph.js')
      expect(seen.size).toBeGreaterThan(12)
      expect((await fetch(`${daemon.url}/assets/main.ts`)).status).toBe(404)
    })

    it('stops on SIGTERM with 0, and is not healthy then', async () => {
      const { code, ms } = await daemon.end('SIGTERM')
      console.log(`the installed daemon stopped ${Math.round(ms)} ms after SIGTERM`)
      expect(code).toBe(0)
      expect(ms).toBeLessThan(3_000)
      expect(health().code).toBe(1)
    })
  })
})
