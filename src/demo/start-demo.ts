import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config/schema.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Clock } from '../platform/clock.ts'
import { lockState } from '../platform/db/state-lock.ts'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { demoConfig, type ElementPlace } from './demo-config.ts'
import { type DemoElement, type ElementConditions, startDemoElement } from './demo-element.ts'
import { createFaults, type NetworkControl } from './demo-faults.ts'
import { conditionsOn, type Faults, noFaults, pathsFrom, portIsUp } from './demo-forwarding.ts'
import { demoPlan, type PlannedElement, portTo } from './demo-plan.ts'
import { type StoryStep, tellStory } from './demo-story.ts'
import { createTraffic, type Traffic } from './demo-traffic.ts'
import { postReport } from './report-client.ts'

export interface DemoOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Where stores and the mailbox go. What an earlier demo left there is removed. */
  readonly directory: string
  /** Where the daemon is to listen, as in `server.listen`. */
  readonly listen?: string
  /** All elements on 127.0.0.1, told apart by port. Default: only where there are no other loopback addresses. */
  readonly oneAddress?: boolean
  /** In place of the built-in story, for tests. */
  readonly story?: readonly StoryStep[]
}

export interface DemoNetwork {
  /** Complete configuration for a daemon that watches this network. */
  readonly config: Config
  readonly network: NetworkControl
  /** Where each element answers. */
  readonly places: ReadonlyMap<ElementId, ElementPlace>
  /** Begins the story; reports are posted to the daemon at that address. */
  startStory(appUrl: string): void
  close(): Promise<void>
}

const attempts = 25

/**
 * Starts the elements of the demo network on loopback, unprivileged, on the first free set of ports.
 *
 * @throws FaultlineError LISTEN_FAILED when none of the sets is free, STATE_UNAVAILABLE when a demo runs in the directory.
 */
export async function startDemoNetwork(options: DemoOptions): Promise<DemoNetwork> {
  const { clock, log } = options
  const directory = resolve(options.directory)
  await clear(directory)
  const traffic = createTraffic(demoPlan, clock.now())
  const { places, elements } = await startElements(options, traffic)
  const config = await demoConfig({
    directory,
    places,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  }).catch(async (error: unknown) => {
    await closeAll(elements)
    throw error
  })

  const network = createFaults(demoPlan, (faults) => {
    traffic.reroute(faults, clock.now())
    applyTo(elements, faults)
  })
  applyTo(elements, noFaults)
  log.info({ elements: elements.size }, 'demo network answers')

  const closing = new AbortController()
  let story: Promise<void> = Promise.resolve()
  return {
    config,
    network,
    places,
    startStory(appUrl) {
      const { signal } = closing
      const hooks = {
        log,
        report: (report: Parameters<typeof postReport>[1]) => postReport(appUrl, report, signal),
      }
      const steps = options.story === undefined ? {} : { steps: options.story }
      story = tellStory({ clock, network, hooks, signal, ...steps }).catch((error: unknown) => {
        log.error({ err: messageOf(error) }, 'demo story ended')
      })
    },
    async close() {
      closing.abort()
      await story
      await closeAll(elements)
    },
  }
}

/** Only what a demo makes: the folder may be one that a person chose. */
async function clear(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  // Nor what a demo has there that still runs.
  const release = lockState(join(directory, 'state.db'))
  release()
  for (const made of ['state.db', 'state.db-wal', 'state.db-shm', 'samples', 'spool', 'mailbox', 'demo.yaml'])
    await rm(join(directory, made), { recursive: true, force: true })
}

type Elements = ReadonlyMap<ElementId, DemoElement>

async function closeAll(elements: Elements): Promise<void> {
  await Promise.all([...elements.values()].map((element) => element.close()))
}

async function startElements({ clock, log, oneAddress }: DemoOptions, traffic: Traffic) {
  const manyAddresses = !(oneAddress ?? false) && (await canBind('127.16.0.1'))
  for (let attempt = 0; attempt < attempts; attempt++) {
    const places = new Map(
      demoPlan.elements.map(({ id }, i) => [
        id,
        manyAddresses ? ownAddress(i, attempt) : ownPorts(i, attempt),
      ]),
    )
    const elements = new Map<ElementId, DemoElement>()
    const start = async (element: PlannedElement, place: ElementPlace) => {
      elements.set(
        element.id,
        await startDemoElement({ ...place, element, plan: demoPlan, traffic, clock, log }),
      )
    }
    const started = await Promise.allSettled(
      demoPlan.elements.map((element, i) => start(element, places.get(element.id) ?? ownPorts(i, attempt))),
    )
    const failure = started.find((one) => one.status === 'rejected')
    if (failure === undefined) return { places, elements }
    await closeAll(elements)
    const error: unknown = failure.reason
    if (!(error instanceof FaultlineError && error.code === 'LISTEN_FAILED')) throw error
    log.debug({ err: error.message, attempt }, 'demo ports taken')
  }
  throw new FaultlineError('LISTEN_FAILED', `no free UDP ports for the demo network in ${attempts} tries`)
}

/** Linux answers on all of 127/8, so that each element has an address of its own; others know 127.0.0.1 only. */
const ownAddress = (index: number, attempt: number): ElementPlace => ({
  address: `127.16.0.${index + 1}`,
  snmpPort: 16_100 + attempt,
  stampPort: 18_620 + attempt,
})

const ownPorts = (index: number, attempt: number): ElementPlace => ({
  address: '127.0.0.1',
  snmpPort: 20_000 + 100 * attempt + 2 * index,
  stampPort: 20_001 + 100 * attempt + 2 * index,
})

async function canBind(address: string): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.bind(0, address)
    await once(socket, 'listening')
    return true
  } catch {
    // EADDRNOTAVAIL: this system has no such address.
    return false
  } finally {
    socket.close()
  }
}

function applyTo(elements: Elements, faults: Faults): void {
  const paths = pathsFrom(demoPlan, faults)
  for (const [id, element] of elements) {
    const path = paths.get(id)
    const portsDown = demoPlan.links
      .filter((link) => link.a === id || link.b === id)
      .map((link) => ({ link, neighbour: link.a === id ? link.b : link.a }))
      .filter(({ link, neighbour }) => !portIsUp(link, neighbour, faults))
    const conditions: ElementConditions = {
      powered: !faults.down.has(id),
      portsDown: new Set(portsDown.map(({ neighbour }) => portTo(neighbour))),
    }
    element.apply(path === undefined ? conditions : { ...conditions, path: conditionsOn(path, faults) })
  }
}
