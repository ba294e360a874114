import type { AlarmView } from '../../api/views/alarm-schemas.ts'
import type { FaultReportView } from '../../api/views/fault-report-schemas.ts'
import type { IncidentDetail, IncidentView } from '../../api/views/incident-schemas.ts'
import type { MaintenanceWindowView } from '../../api/views/maintenance-schemas.ts'
import type { InterfaceView, TopologyView } from '../../api/views/network-schemas.ts'
import type { NotificationView } from '../../api/views/notification-schemas.ts'
import type { KpiView } from '../../api/views/peak-experience-schemas.ts'
import type { ReadinessView } from '../../api/views/readiness-schemas.ts'
import type { SessionView } from '../../api/views/session-schemas.ts'
import { drawAlarms } from './alarm-panel.ts'
import * as api from './api-client.ts'
import { byId, h } from './dom.ts'
import { drawElement } from './element-panel.ts'
import { drawIncidents } from './incident-panel.ts'
import { listen } from './live-updates.ts'
import { drawMaintenance, maintenanceForm } from './maintenance-panel.ts'
import { drawMessages } from './message-panel.ts'
import { drawNetwork } from './network-graph.ts'
import { drawPeak } from './peak-panel.ts'
import { drawReports, reportForm } from './report-panel.ts'
import { askForToken } from './sign-in.ts'
import { drawBar } from './status-bar.ts'
import { preferredLanguage, t, useLanguage } from './words.ts'

/** Everything that is shown; the page is drawn from this and from nothing else. */
interface PageState {
  session: SessionView | undefined
  topology: TopologyView | undefined
  incidents: readonly IncidentView[]
  incident: IncidentDetail | undefined
  alarms: readonly AlarmView[]
  alarm: string | undefined
  reports: readonly FaultReportView[]
  report: string | undefined
  messages: readonly NotificationView[]
  windows: readonly MaintenanceWindowView[]
  readiness: ReadinessView | undefined
  kpi: KpiView | undefined
  live: boolean
  element: string | undefined
  interfaces: readonly InterfaceView[]
  port: string | undefined
  rangeMs: number
  /** Until somebody chooses, the page shows the newest open incident by itself: it hangs on a wall. */
  chosenByHand: boolean
}

const state: PageState = {
  session: undefined,
  topology: undefined,
  incidents: [],
  incident: undefined,
  alarms: [],
  alarm: undefined,
  reports: [],
  report: undefined,
  messages: [],
  windows: [],
  readiness: undefined,
  kpi: undefined,
  live: false,
  element: undefined,
  interfaces: [],
  port: undefined,
  rangeMs: 15 * 60_000,
  chosenByHand: false,
}

const mayAct = () => state.session?.role === 'noc' || state.session?.role === 'admin'

function say(error: unknown): void {
  const note = h(
    'div',
    { class: 'toast', role: 'alert' },
    error instanceof Error ? error.message : String(error),
  )
  document.body.append(note)
  setTimeout(() => note.remove(), 8_000)
}

const panel = (id: string, title: string, ...tools: readonly Node[]) =>
  h(
    'section',
    { class: 'panel', id: `panel-${id}` },
    h('header', {}, h('h2', {}, title), ...tools),
    h('div', { class: 'body', id }),
  )

function drawPage(): void {
  const banner = byId('banner')
  banner.hidden = !state.session?.demo
  banner.replaceChildren(t('demo'))
  const form = h('div', { id: 'report-form', hidden: true })
  const toggle = h(
    'button',
    {
      type: 'button',
      click: () => {
        form.hidden = !form.hidden
        form.replaceChildren(
          reportForm(() => {
            form.hidden = true
            refresh(new Set(['report'])).catch(say)
          }, say),
        )
      },
    },
    t('newReport'),
  )
  const planForm = h('div', { id: 'maintenance-form', hidden: true })
  const planToggle = h(
    'button',
    {
      type: 'button',
      click: () => {
        planForm.hidden = !planForm.hidden
        const changed = () => {
          planForm.hidden = true
          refresh(new Set(['maintenance'])).catch(say)
        }
        planForm.replaceChildren(maintenanceForm(state.element, { changed, failed: say }))
      },
    },
    t('planWork'),
  )
  const column = (...panels: readonly Node[]) => h('div', { class: 'column' }, panels)
  byId('page').replaceChildren(
    column(panel('network', t('network')), panel('element', t('element'))),
    column(
      panel('incidents', t('incidents')),
      panel('alarms', t('alarms')),
      panel('maintenance', t('maintenance'), ...(mayAct() ? [planToggle] : [])),
    ),
    column(
      panel('reports', t('reports'), toggle),
      panel('messages', t('messages')),
      panel('peak', t('peak')),
    ),
  )
  byId('reports').before(form)
  byId('maintenance').before(planForm)
  drawAll()
}

function drawAll(): void {
  byId('bar').replaceChildren(...drawBar({ ...state, demo: state.session?.demo ?? false }, drawPage))
  if (state.topology)
    byId('network').replaceChildren(drawNetwork(state.topology, state.element, chooseElement))
  drawIncidentPanel()
  drawAlarmPanel()
  byId('reports').replaceChildren(...drawReports(state.reports, state.report, chooseReport))
  byId('messages').replaceChildren(...drawMessages(state.messages))
  byId('peak').replaceChildren(...drawPeak(state.kpi))
  byId('maintenance').replaceChildren(
    ...drawMaintenance(state.windows, mayAct(), {
      changed: () => void refresh(new Set(['maintenance'])).catch(say),
      failed: say,
    }),
  )
  drawElementPanel()
}

function drawIncidentPanel(): void {
  const box = byId('incidents')
  // Someone is typing an ETA or a note: what is new can wait.
  if (box.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement) return
  const unfolded = new Set([...box.querySelectorAll('details[open]')].map((part) => part.className))
  box.replaceChildren(
    ...drawIncidents(
      { incidents: state.incidents, chosen: state.incident, mayAct: mayAct() },
      {
        choose: (id) => {
          state.chosenByHand = true
          chooseIncident(id).catch(say)
        },
        changed: () => {
          if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
          refresh(new Set(['incident'])).catch(say)
        },
        // Most often somebody else was faster: then what is shown is old.
        failed: (error) => {
          say(error)
          refresh(new Set(['incident'])).catch(say)
        },
      },
    ),
  )
  for (const part of box.querySelectorAll('details')) part.open = unfolded.has(part.className)
}

function drawAlarmPanel(): void {
  const box = byId('alarms')
  if (box.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement) return
  const readAgain = () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    refresh(new Set(['alarm'])).catch(say)
  }
  box.replaceChildren(
    ...drawAlarms(
      { alarms: state.alarms, chosen: state.alarm, mayAct: mayAct() },
      {
        choose: (id) => {
          state.alarm = id
          drawAlarmPanel()
        },
        changed: readAgain,
        failed: (error) => {
          say(error)
          readAgain()
        },
      },
    ),
  )
}

function drawElementPanel(): void {
  const node = state.topology?.nodes.find((one) => one.id === state.element)
  if (!node) {
    byId('element').replaceChildren(h('p', { class: 'empty' }, t('choose')))
    return
  }
  byId('element').replaceChildren(
    ...drawElement(
      {
        node,
        interfaces: state.interfaces,
        alarms: state.alarms.filter((alarm) => alarm.about !== 'system' && alarm.element === node.id),
        port: state.port,
        rangeMs: state.rangeMs,
      },
      {
        choosePort: (port) => {
          state.port = port
          drawElementPanel()
        },
        chooseRange: (ms) => {
          state.rangeMs = ms
          drawElementPanel()
        },
        failed: say,
      },
    ),
  )
}

async function loadInterfaces(): Promise<void> {
  if (state.element === undefined) return
  state.interfaces = (await api.interfaces(state.element)).items
  if (!state.interfaces.some((port) => port.name === state.port)) state.port = state.interfaces[0]?.name
}

function chooseElement(id: string): void {
  state.element = id
  loadInterfaces()
    .then(() => {
      drawAll()
      if (window.innerWidth < 800) byId('panel-element').scrollIntoView({ behavior: 'smooth' })
    })
    .catch(say)
}

async function chooseIncident(id: string | undefined): Promise<void> {
  state.incident = id === undefined ? undefined : await api.incident(id)
  drawIncidentPanel()
}

function chooseReport(id: string | undefined): void {
  state.report = id
  byId('reports').replaceChildren(...drawReports(state.reports, state.report, chooseReport))
}

/** Days are told once a day, and now and then anew. A sample store that is away leaves what was shown. */
async function loadPeak(): Promise<void> {
  state.kpi = await api.kpi().catch(() => state.kpi)
  byId('peak').replaceChildren(...drawPeak(state.kpi))
}

/** Reads again what is stale, and draws. */
async function refresh(topics: ReadonlySet<string>): Promise<void> {
  const has = (...wanted: readonly string[]) => wanted.some((topic) => topics.has(topic))
  await Promise.all([
    has('network', 'alarm', 'incident') && api.topology().then((view) => (state.topology = view)),
    has('alarm', 'maintenance') && api.activeAlarms().then((page) => (state.alarms = page.items)),
    has('incident', 'report', 'notification') && api.incidents().then((all) => (state.incidents = all)),
    has('report', 'incident') && api.reports().then((page) => (state.reports = page.items)),
    has('notification', 'incident') && api.notifications().then((page) => (state.messages = page.items)),
    has('maintenance') && api.maintenanceWindows().then((page) => (state.windows = page.items)),
    api.readiness().then((view) => (state.readiness = view)),
  ])
  const newest = state.incidents.find((one) => one.state !== 'resolved' && one.state !== 'closed')
  const wanted = state.chosenByHand ? state.incident?.id : (newest?.id ?? state.incident?.id)
  if (wanted !== undefined) state.incident = await api.incident(wanted)
  if (has('network')) await loadInterfaces()
  drawAll()
}

const everything = new Set(['network', 'alarm', 'incident', 'report', 'notification', 'maintenance'])

async function start(): Promise<void> {
  try {
    state.session = await api.session()
  } catch (error) {
    if (error instanceof api.ApiProblem && error.problem.status === 401) {
      askForToken(start)
      return
    }
    throw error
  }
  drawPage()
  await refresh(everything)
  void loadPeak()
  setInterval(loadPeak, 900_000)
  // Something to look at before anybody has chosen: the element in trouble, else the first below the gateway.
  const nodes = state.topology?.nodes ?? []
  const first =
    nodes.find((node) => node.activeAlarms > 0) ?? nodes.find((node) => node.hops === 1) ?? nodes[0]
  if (first) chooseElement(first.id)
  listen(
    (topics) => refresh(topics).catch(say),
    (live) => {
      state.live = live
      byId('bar').replaceChildren(...drawBar({ ...state, demo: state.session?.demo ?? false }, drawPage))
    },
  )
  // Durations grow, and charts move on, also while nothing changes.
  setInterval(() => {
    drawIncidentPanel()
    drawAlarmPanel()
    drawElementPanel()
  }, 10_000)
}

useLanguage(preferredLanguage())
start().catch(say)
