import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfigText } from '../../src/config/load-config.ts'
import { dashboardFiles, dashboards } from '../../src/dashboards/generate.ts'
import { measurements } from '../../src/model/measurements.ts'
import { grafanaQueries } from '../support/grafana-queries.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('dashboards', () => {
  it('are as the code makes them (npm run generate)', () => {
    const files = dashboardFiles()
    expect(globSync('*.json', { cwd: join(root, 'dashboards') }).toSorted()).toEqual(
      [...files.keys()].toSorted(),
    )
    for (const [name, text] of files)
      expect(read(`dashboards/${name}`) === text, `${name} is stale`).toBe(true)
  })

  it('name only measurements, fields and tags of the table', () => {
    const known = new Map(
      Object.entries(measurements).map(([name, { tags, fields }]) => [
        name,
        new Set([...tags, ...Object.keys(fields)]),
      ]),
    )
    for (const { dashboard, what, query } of grafanaQueries()) {
      const names = [...query.matchAll(/FROM "(\w+)"/g)].map((match) => match[1] ?? '')
      expect(names, `${dashboard}, ${what}`).toHaveLength(1)
      const columns = known.get(names[0] ?? '') ?? new Set()
      const aliases = new Set([...query.matchAll(/ AS "(\w+)"/g)].map((match) => match[1] ?? ''))
      const quoted = [...query.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? '')
      const unknown = quoted.filter((name) => name !== names[0] && !columns.has(name) && !aliases.has(name))
      expect(unknown, `${dashboard}, ${what}: ${query}`).toEqual([])
    }
  })

  it('show every ratio as per cent', () => {
    const text = [...dashboardFiles().values()].join('')
    expect(text).toContain('"percentunit"')
    expect(text).not.toMatch(/"unit": "percent"/)
  })

  it('lead to one another by uids and variables that exist', () => {
    const pages = Object.values(dashboards()) as {
      uid: string
      templating: { list: { name: string }[] }
    }[]
    const variablesOf = new Map(
      pages.map(({ uid, templating }) => [uid, templating.list.map(({ name }) => name)]),
    )
    const links = [...[...dashboardFiles().values()].join('').matchAll(/"url": "\/d\/([\w-]+)\?([^"]+)"/g)]
    expect(links.length).toBeGreaterThan(5)
    for (const [whole, uid = '', parameters = ''] of links) {
      const named = [...parameters.matchAll(/var-(\w+)=/g)].map((match) => match[1] ?? '')
      expect(variablesOf.get(uid), whole).toEqual(expect.arrayContaining(named))
    }
  })

  it('number their panels', () => {
    for (const page of Object.values(dashboards()) as { panels: { id: number }[] }[])
      expect(page.panels.map(({ id }) => id)).toEqual(page.panels.map((_, i) => i + 1))
  })
})

describe('compose.yaml', () => {
  const compose = parse(read('compose.yaml'))
  const { grafana, influxdb, faultline } = compose.services

  it('pins what it pulls, and checks that it is healthy', () => {
    for (const { image, healthcheck } of [grafana, influxdb]) {
      expect(image).toMatch(/:\d+\.\d+\.\d+$/)
      expect(healthcheck.test[0]).toBe('CMD')
    }
    expect(read('Dockerfile')).toContain('HEALTHCHECK')
  })

  it('has no password but by the environment, with one for development', () => {
    for (const { environment } of [grafana, influxdb, faultline])
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD/.test(name)) expect(value, name).toMatch(/^\$\{[A-Z_]*PASSWORD:-[a-z]+-dev\}$/)
  })

  it('mounts what is there, and Grafana is told of the same data source and folder', () => {
    const mounts: string[] = grafana.volumes.filter((volume: string) => volume.startsWith('./'))
    expect(mounts.filter((mount) => !existsSync(join(root, mount.split(':')[0] ?? '')))).toEqual([])
    const [provider] = parse(read('dashboards/provisioning/dashboards/faultline.yaml')).providers
    expect(mounts).toContain(`./dashboards:${provider.options.path}:ro`)
    const provisioning = read('dashboards/provisioning/datasources/faultline.yaml')
    const [source] = parse(provisioning).datasources
    expect(source.uid).toBe('faultline')
    for (const [, name = ''] of provisioning.matchAll(/\$\{(\w+)\}/g))
      expect(grafana.environment).toHaveProperty(name)
  })

  it('holds a valid configuration, which writes to the database that Grafana reads', async () => {
    const text: string = compose.configs.faultline.content.replaceAll('$$', '$')
    const loaded = await loadConfigText(text, '/etc/faultline/faultline.yaml', faultline.environment)
    expect(loaded).toMatchObject({ ok: true, warnings: [] })
    const { INFLUXDB_URL: url, INFLUXDB_DATABASE: database } = grafana.environment
    expect(loaded).toMatchObject({ config: { samples: { url, database } } })
  })

  it('puts all that the daemon writes into the volume: elsewhere its user may not write', async () => {
    const text: string = compose.configs.faultline.content.replaceAll('$$', '$')
    const loaded = await loadConfigText(text, '/etc/faultline/faultline.yaml', faultline.environment)
    if (!loaded.ok) throw new Error('the configuration is not valid')
    const [, volume = ''] = String(faultline.volumes[0]).split(':')
    const { state, spool } = loaded.config
    expect([state.path, spool.path].filter((path) => !path.startsWith(`${volume}/`))).toEqual([])
    expect(read('Dockerfile')).toContain(`chown node:node ${volume}`)
  })
})
