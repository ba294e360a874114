import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken } from '../../src/api/tokens.ts'
import { type App, startApp } from '../../src/app.ts'
import type { Config } from '../../src/config/schema.ts'
import { demoPlan } from '../../src/demo/demo-plan.ts'
import { type DemoNetwork, startDemoNetwork } from '../../src/demo/start-demo.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { type Browser, startBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { has } from '../support/requires.ts'

const possible = has('chromium')
if (!possible) console.warn('*** The console in a browser is LEFT OUT: it needs chromium.')

const subtree = ['acc2', 'acc3', 'bld1', 'cpe-clinic', 'cpe-hotel']
const log = pino({ enabled: false })

/** Names that become elements, and run, wherever they are taken for markup. */
const hostile = (text: string) =>
  `${text} <img src=x onerror="window.injected=1"><script>window.injected=1</script>`
const hostileCustomer = hostile('Ada & Sons')
const hostileElement = hostile('Hill')
const hostileWords = hostile('everything is dead')

let folder: string
let demo: DemoNetwork
let app: App
let browser: Browser
let page: Page
let complaints: readonly string[]

/** The demo's configuration, asked more often so that nobody waits, and with two hostile names. */
const quickened = (config: Config): Config => ({
  ...config,
  server: { ...config.server, listen: { host: '127.0.0.1', port: 0 } },
  auth: { ...config.auth, tokens: true },
  poll: {
    ...config.poll,
    stamp: { ...config.poll.stamp, interval: 1_000, count: 5, timeout: 400 },
    snmp: { ...config.poll.snmp, interval: 2_000 },
  },
  detection: { ...config.detection, decisionWait: 1_500 },
  notify: { ...config.notify, hold: 1_000 },
  incident: { ...config.incident, verify: 1_000 },
  customers: config.customers.map((one) => (one.id === 'c-101' ? { ...one, name: hostileCustomer } : one)),
  elements: config.elements.map((one) => (one.id === 'acc3' ? { ...one, name: hostileElement } : one)),
})

const node = (id: string, state?: string) =>
  page.locator(`[data-element="${id}"]${state === undefined ? '' : `[data-state="${state}"]`}`)
const appears = (selector: string) => page.locator(selector).first().waitFor({ timeout: 20_000 })
/** Runs in the page; text, because the types of a browser are not known here. */
const inPage = (expression: string): Promise<unknown> => page.evaluate(expression)

/** Screenshots are for whoever develops the page: SCREENSHOTS=folder keeps them. */
async function look(name: string): Promise<void> {
  const kept = process.env.SCREENSHOTS
  await page.screenshot({ path: join(kept ?? folder, `${name}.png`), fullPage: true })
}

describe.skipIf(!possible)('the console in a browser', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-console-'))
    demo = await startDemoNetwork({ clock: systemClock, log, directory: join(folder, 'data') })
    ;[app, browser] = await Promise.all([
      startApp(quickened(demo.config), { log, demo: true, version: '1.2.3' }),
      startBrowser(),
    ])
    ;({ page, complaints } = await browser.open(app.url))
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    expect(await app?.close()).toEqual([])
    await demo?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('says that this is the demo, and draws every element of it', async () => {
    expect(await page.locator('#banner').innerText()).toMatch(/^Demo network: simulated/)
    for (const { id } of demoPlan.elements) await node(id, 'answering').waitFor()
    expect(await page.locator('[data-element]').count()).toBe(demoPlan.elements.length + 1)
    expect(await page.locator('.link').count()).toBe(demoPlan.links.length)
    expect(await page.locator('#incidents').innerText()).toContain('Nothing is wrong')
    // Nothing that follows may need this page to be loaded anew.
    await inPage('window.loadedOnce = true')
  })

  it('shows latency and traffic of the element that is chosen', async () => {
    await eventually('samples of its traffic', async () => {
      const query = 'measurement=interface&field=in_bps&element=acc2&interface=to-agg1'
      const answer = await fetch(`${app.url}/api/v1/samples?${query}`)
      return (await answer.text()).includes('"points":[[')
    })
    await node('acc2').click()
    await appears('#panel-element strong:text-is("Access Old Town 老城")')
    await appears('#latency-chart canvas')
    await appears('#traffic-chart canvas')
    const ports = await page.locator('#panel-element select option').allInnerTexts()
    expect(ports.join('\n')).toContain('PON 2: Market Square, "the arcade"')
  })

  it('turns the root of a cut red and its subtree into shadows, live', async () => {
    demo.network.cut('agg1')
    await node('agg1', 'root').waitFor({ timeout: 20_000 })
    for (const id of subtree) await node(id, 'shadowed').waitFor()
    const fill = String(
      await inPage(`getComputedStyle(document.querySelector('[data-element="agg1"] rect')).fill`),
    )
    const [red = 0, green = 0, blue = 0] = fill.match(/\d+/g)?.map(Number) ?? []
    expect(red).toBeGreaterThan(2 * Math.max(green, blue))
    expect(await inPage('window.loadedOnce')).toBe(true)
  })

  it('unfolds the incident with its reasons, and the customers that it hits by name', async () => {
    await page.locator('.incident-details .more-impact summary').click()
    const details = await page.locator('.incident-details').innerText()
    expect(details).toMatch(/agg1.+has not answered since|Aggregation North.+has not answered since/)
    expect(details).toContain('李娜')
    expect(details).toContain('Market Square Bakery')
    expect(details).toContain(hostileCustomer)
    expect(await page.locator('tr[data-service="s-102-1"] .impact-down').count()).toBeGreaterThan(0)
    expect(await page.locator('[data-incident]').count()).toBe(1)
  })

  it('takes a report by its form, and shows the verdict with its reasons', async () => {
    await page.getByRole('button', { name: 'New report' }).click()
    await page.locator('.report-form [name=service]').fill('s-101-1')
    await page.locator('.report-form [name=symptom]').selectOption('no-service')
    await page.locator('.report-form [name=description]').fill(hostileWords)
    const button = page.locator('.report-form button')
    const answer = Promise.withResolvers<void>()
    await page.route('**/fault-reports?wait=*', async (route) => {
      await answer.promise
      await route.continue()
    })
    await button.click()
    // While the path is measured the report cannot be sent twice.
    expect([await button.innerText(), await button.isDisabled()]).toEqual(['…', true])
    answer.resolve()
    const report = page.locator('[data-report][data-verdict="matched"]')
    await report.waitFor({ timeout: 20_000 })
    await report.locator('.report-summary').click()
    await appears('[data-report] .reasons li')
    expect(await report.locator('.reasons li').count()).toBeGreaterThanOrEqual(3)
    expect(await report.locator('blockquote').innerText()).toBe(hostileWords)
    // A form that is refused says why.
    await page.locator('#report-form').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'New report' }).click()
    await page.locator('.report-form [name=service]').fill('s-nobody')
    await page.getByRole('button', { name: 'Send' }).click()
    await appears('.toast')
    expect(await page.locator('.toast').innerText()).toContain('no such service')
    expect([await button.innerText(), await button.isDisabled()]).toEqual(['Send', false])
  })

  it('lists the messages to customers', async () => {
    await appears('#messages tr[data-kind="outage"][data-state="sent"]')
    const rows = page.locator('#messages tr[data-kind="outage"][data-state="sent"]')
    expect(await rows.count()).toBeGreaterThan(10)
    expect(await page.locator('#messages').innerText()).toContain(hostileCustomer)
  })

  it('shows names and words from outside as text and nothing else', async () => {
    await node('acc3').click()
    await page.locator('#panel-element strong').filter({ hasText: hostileElement }).waitFor()
    expect(await inPage('window.injected')).toBeUndefined()
    expect(await page.locator('#page img, #page script').count()).toBe(0)
  })

  it('speaks Chinese when asked to, and remembers it', async () => {
    const heading = () => page.locator('#panel-network h2').innerText()
    expect((await heading()).toLowerCase()).toBe('network')
    await page.locator('#language').click()
    expect(await heading()).toBe('网络')
    expect(await page.locator('#banner').innerText()).toContain('演示网络')
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
    expect(await inPage("localStorage.getItem('faultline.language')")).toBe('zh')
    await look('chinese-1440')
    await page.locator('#language').click()
    expect((await heading()).toLowerCase()).toBe('network')
  })

  it.for([1440, 390])('fits a window %i pixels wide', async (width) => {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
    await appears('#latency-chart canvas')
    await look(`cut-${width}`)
    expect(await inPage('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(await inPage('document.documentElement.clientWidth')).toBe(width)
  })

  it('goes back to green when the cut is repaired, and keeps what was', async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    demo.network.repair()
    for (const { id } of demoPlan.elements) await node(id, 'answering').waitFor({ timeout: 20_000 })
    await appears('#messages tr[data-kind="restored"][data-state="sent"]')
    await appears('.sev-edge-over [data-incident]')
    await look('repaired-1440')
    expect(await inPage('window.loadedOnce')).toBe(true)
  })

  it('has not complained of anything in all this', () => {
    // The browser itself reports the form that was refused.
    expect(complaints.filter((text) => !/the server responded with a status of 40[04]/.test(text))).toEqual(
      [],
    )
  })

  it('asks for a token once there is one, and works with it', async () => {
    const db = await openStateDb(join(folder, 'data', 'state.db'))
    const { token } = await createToken(db, { name: 'wall', role: 'noc' }, Date.now())
    await db.destroy()
    ;({ page, complaints } = await browser.open(app.url))
    const field = page.locator('.sign-in input')
    await field.fill('not-a-token')
    await field.press('Enter')
    await appears('.sign-in .problem:not(:empty)')
    await look('sign-in')
    await field.fill(token)
    await field.press('Enter')
    await node('agg1', 'answering').waitFor()
    // The stream of events takes the session, too.
    demo.network.cut('acc4')
    await node('acc4', 'root').waitFor({ timeout: 20_000 })
    expect(complaints.filter((text) => !text.includes('the server responded with a status of 401'))).toEqual(
      [],
    )
  })
})
