import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken } from '../../src/api/tokens.ts'
import type { KpiView } from '../../src/api/views/peak-experience-schemas.ts'
import { views } from '../../src/api/views.ts'
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

  it('shows whether services were good at the peak, and how much of it was measured', async () => {
    expect(await page.locator('#peak').innerText()).toBe('No day has been judged yet.')
    const other = await browser.open(app.url)
    const judged = { good: 6, bad: 1, insufficient: 2, planned: 1, share: 6 / 7, coverage: 7 / 9 }
    const missed = { latency: 0, loss: 1, jitter: 1, utilisation: 0 }
    const kpi: KpiView = {
      from: '2026-05-10T16:00:00Z',
      to: '2026-05-17T16:00:00Z',
      peakGood: {
        target: 0.95,
        leastCoverage: 0.8,
        state: 'insufficient',
        total: judged,
        services: 2,
        missed,
        byClass: [],
        byArea: [],
        byDay: [{ name: '2026-05-11', ...judged }],
        worst: [{ service: hostile('s-1'), class: 'x', area: 'urban', ...judged, missed }],
      },
    }
    await other.page.route('**/reports/kpi*', (route) => route.fulfill({ json: kpi }))
    await other.page.reload()
    const panel = other.page.locator('#peak')
    await panel.locator('[data-peak="insufficient"]').waitFor()
    const text = await panel.innerText()
    expect(text).toContain('85.7 % of the judged days of services were good too little data (95.0 %)')
    expect(text).toContain('77.7 % of them were measured well enough to say')
    const cells = await panel.locator('[data-day="2026-05-11"] td').allInnerTexts()
    expect(cells).toEqual(['2026-05-11', '85.7 %', '6', '1', '2', '1'])
    expect(text).toContain(hostile('s-1'))
    expect(text).toContain('loss 1, jitter 1, too little data 2')
    expect(await other.page.evaluate('window.injected')).toBeUndefined()
    await other.page.close()
  })

  it('lists the messages to customers', async () => {
    const rows = page.locator('#messages tr[data-kind="outage"][data-state="sent"]')
    // They are sent one after the other.
    await rows.nth(10).waitFor()
    await page.locator('#messages tr').filter({ hasText: hostileCustomer }).first().waitFor()
  })

  it('lists the alarms, lets one be acknowledged, and says why it cannot be put aside', async () => {
    const alarms = page.locator('#alarms')
    const alarm = alarms.locator('[data-alarm]').filter({ hasText: 'agg1 does not answer' })
    await alarm.click()
    await alarms.getByRole('button', { name: 'Acknowledge', exact: true }).click()
    await alarm.filter({ hasText: 'acknowledged' }).waitFor()
    await alarms.getByText('acknowledged by local').waitFor()
    await eventually('a message to customers', async () => {
      const answer = await fetch(`${app.url}/api/v1/incidents?state=active`)
      return views.IncidentPage.parse(await answer.json()).items.some(
        (one) => one.firstMessageAt !== undefined,
      )
    })
    await alarms.getByLabel('why it can wait').fill(hostileWords)
    await alarms.getByRole('button', { name: 'Shelve' }).click()
    const why = page.locator('.toast').filter({ hasText: 'customers were told of incident' })
    await why.waitFor()
    await why.waitFor({ state: 'detached' })
    await alarms.getByRole('button', { name: 'Take that back' }).click()
    await alarms.getByRole('button', { name: 'Acknowledge', exact: true }).waitFor()
    await alarm.click()
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

  it('acknowledges, assigns, holds and lets go on, and says who did it', async () => {
    const details = page.locator('.incident-details')
    // Chosen by hand, it stays unfolded whatever else opens.
    const cut = page.locator('[data-incident]').filter({ hasText: 'Aggregation North' }).first()
    await page.locator('[data-incident][aria-expanded="true"]').click()
    await cut.click()
    await details.waitFor()
    const standing = () => details.locator('.standing').innerText()
    const stands = (text: string) => details.locator('.standing').filter({ hasText: text }).waitFor()
    const word = (text: string) => details.getByRole('button', { name: text, exact: true })
    await word('Acknowledge').click()
    await stands('acknowledged by local')
    await details.getByLabel('assigned to').fill('李明')
    await word('Assign').click()
    await stands('assigned to 李明')
    await details.getByLabel('note, or reason').fill(hostileWords)
    await word('Hold').click()
    await word('Go on').waitFor()
    expect(await standing()).toContain(hostileWords)
    await word('Go on').click()
    await word('Hold').waitFor()
    expect(await standing()).not.toContain('Held')
    await details.getByLabel('assigned to').fill('')
    await word('Assign').click()
    await details.locator('.log').getByText('Assigned to nobody.').waitFor({ state: 'attached' })
    expect(await standing()).not.toContain('李明')
    await page.locator('.whole-log summary').click()
    const log = await page.locator('.incident-details .log').innerText()
    for (const said of ['Acknowledged.', 'Assigned to 李明.', `Held: ${hostileWords}`, 'Work goes on.'])
      expect(log).toContain(said)
  })

  it('plans work, and tells nobody of what it darkens', async () => {
    await node('acc4').click()
    await page.getByRole('button', { name: 'Plan work' }).first().click()
    const form = page.locator('.maintenance-form')
    expect(await form.locator('[name=elements]').inputValue()).toBe('acc4')
    await form.locator('[name=title]').fill(hostileWords)
    const now = String(
      await inPage('new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString()'),
    )
    await form.locator('[name=start]').fill(now.slice(0, 16))
    await form.getByRole('button', { name: 'Preview' }).click()
    await form
      .locator('.preview')
      .filter({ hasText: /elements · \d+ services · \d+ customers/ })
      .waitFor()
    await form.getByRole('button', { name: 'Plan work' }).click()
    const window = page.locator('[data-window]')
    await page.locator('[data-window][data-state="underway"]').waitFor()
    expect(await window.innerText()).toContain(hostileWords)

    const cutAt = Date.now()
    demo.network.cut('acc4')
    const read = async <T>(path: string, view: { parse(body: unknown): T }): Promise<T> =>
      view.parse(await (await fetch(`${app.url}/api/v1/incidents${path}`)).json())
    const planned = await eventually('services that are down by plan', async () => {
      const { items } = await read('?state=active', views.IncidentPage)
      for (const { id } of items) {
        const { impact } = await read(`/${id}`, views.IncidentDetail)
        if (impact.some((row) => row.now === 'down' && row.planned !== undefined)) return { id }
      }
      return undefined
    })
    await page.locator(`[data-incident="${planned.id}"][aria-expanded="false"]`).click()
    await appears('.incident-details td .chip-planned')
    await page.locator('#panel-element .alarms .chip-planned').first().waitFor()

    // A form that is refused says why.
    await page.getByRole('button', { name: 'Plan work' }).first().click()
    await form.locator('[name=title]').fill('x')
    await form.locator('[name=elements]').fill('nowhere')
    await form.getByRole('button', { name: 'Plan work' }).click()
    await page.locator('.toast').filter({ hasText: 'there is no element "nowhere"' }).waitFor()
    await page
      .locator('.toast')
      .filter({ hasText: 'there is no element "nowhere"' })
      .waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Plan work' }).first().click()
    await look('planned-1440')

    await window.getByRole('button', { name: '30 minutes more' }).click()
    await eventually('a window of two and a half hours', async () => {
      const {
        items: [found],
      } = views.MaintenanceWindowPage.parse(
        await (await fetch(`${app.url}/api/v1/maintenance-windows?state=current`)).json(),
      )
      const { startsAt = '', endsAt = '' } = found?.current ?? {}
      return Date.parse(endsAt) - Date.parse(startsAt) === 150 * 60_000
    })
    // What was told of something else before, and is a matter of this incident now, is no message about planned work.
    const told = async () => {
      const messages = await fetch(`${app.url}/api/v1/notifications?incident=${planned.id}`)
      return views.NotificationPage.parse(await messages.json()).items.flatMap(({ kind, state, queuedAt }) =>
        Date.parse(queuedAt) < cutAt ? [] : [`${kind} ${state}`],
      )
    }
    expect(await told()).toEqual([])

    // It ends, and the fault does not: an ordinary incident, of which customers are told after the hold.
    await window.getByRole('button', { name: 'End now' }).click()
    await page.locator('#maintenance').filter({ hasText: 'No work is planned' }).waitFor()
    await eventually('an ordinary incident that customers are told of', async () => {
      const detail = await read(`/${planned.id}`, views.IncidentDetail)
      const isOrdinary = detail.impact.every((row) => row.planned === undefined)
      return isOrdinary && (detail.notifications?.customersTold ?? 0) > 0
    })
    await eventually(
      'no mark of planned work',
      async () => (await page.locator('.chip-planned').count()) === 0,
    )
    demo.network.repair('acc4')
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
    // The browser itself reports forms that were refused, and an action that the system was faster than.
    expect(
      complaints.filter((text) => !/the server responded with a status of (400|404|409|412)/.test(text)),
    ).toEqual([])
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
