import type { MaintenanceWindow, WindowEvent, WindowPlanChange } from '../../model/maintenance-window.ts'
import type { ElementId } from '../../model/network-element.ts'

/** The window with what a change of its plan says. */
export function replanned(window: MaintenanceWindow, change: WindowPlanChange): MaintenanceWindow {
  const { description, recurrence, ...plan } = change
  const { description: wasDescribed, recurrence: recurred, ...rest } = window
  const text = description === undefined ? wasDescribed : description
  const rule = recurrence === undefined ? recurred : recurrence
  return {
    ...rest,
    ...plan,
    ...(text === undefined || text === null ? {} : { description: text }),
    ...(rule === undefined || rule === null ? {} : { recurrence: rule }),
  }
}

function withData(window: MaintenanceWindow, event: WindowEvent): MaintenanceWindow {
  switch (event.type) {
    case 'planned':
      return window
    case 'replanned':
      return replanned(window, event.plan)
    case 'endMoved': {
      const { start, end } = event
      return { ...window, moved: [...window.moved.filter((one) => one.start !== start), { start, end }] }
    }
    case 'cancelled':
      return { ...window, cancelledAt: event.at }
    case 'covers': {
      const { start, elements } = event
      const before = window.covers?.start === start ? window.covers.elements : []
      return { ...window, covers: { start, elements: [...new Set([...before, ...elements])] } }
    }
  }
}

/**
 * One step of the fold.
 * @throws Error when the log does not begin with `planned`: that is a bug, or a damaged store.
 */
export function afterWindowEvent(
  before: MaintenanceWindow | undefined,
  event: WindowEvent,
): MaintenanceWindow {
  if (before === undefined && event.type !== 'planned')
    throw new Error(`the log of maintenance window ${event.window} begins with ${event.type}`)
  const { window: id, actor: createdBy, at: createdAt, sequence: version } = event
  const made = event.type === 'planned' ? { ...event.plan, id, moved: [], createdBy, createdAt } : undefined
  const window = before ?? (made && { ...made, version, updatedAt: createdAt })
  if (window === undefined) throw new Error(`maintenance window ${id} has no state`)
  return { ...withData(window, event), version, updatedAt: event.at }
}

/** The state of a window from its whole log, in order of `sequence`. */
export function foldWindow(events: readonly WindowEvent[]): MaintenanceWindow {
  let window: MaintenanceWindow | undefined
  for (const event of events) window = afterWindowEvent(window, event)
  if (window === undefined) throw new Error('a maintenance window without a log has no state')
  return window
}

/** What each occurrence covered, from the whole log: by its start. */
export function coveredIn(events: readonly WindowEvent[]): ReadonlyMap<number, ReadonlySet<ElementId>> {
  const covered = new Map<number, ReadonlySet<ElementId>>()
  for (const event of events)
    if (event.type === 'covers')
      covered.set(event.start, new Set([...(covered.get(event.start) ?? []), ...event.elements]))
  return covered
}
