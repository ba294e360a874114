import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startDemo } from '../../../src/commands/start-demo.ts'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { createFaults } from '../../../src/demo/demo-faults.ts'
import { demoPlan } from '../../../src/demo/demo-plan.ts'
import type { DemoNetwork, DemoOptions } from '../../../src/demo/start-demo.ts'
import { createLogger } from '../../../src/platform/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'

async function demoWith(startApp: () => Promise<{ url: string; close: () => Promise<readonly Error[]> }>) {
  const loaded = await loadConfigText('elements: [{ id: a, address: 127.0.0.1 }]', 'x.yaml', {})
  if (!loaded.ok) throw new Error('not a configuration')
  const happened: string[] = []
  const network: DemoNetwork = {
    config: loaded.config,
    network: createFaults(demoPlan, () => {}),
    places: new Map(),
    startStory: (url) => void happened.push(`story at ${url}`),
    close: async () => void happened.push('network closed'),
  }
  const asked: DemoOptions[] = []
  const deps = {
    clock: new ManualClock(),
    log: createLogger('silent'),
    terminal: { out: () => {}, error: () => {} },
    startApp,
    startDemoNetwork: async (options: DemoOptions) => {
      asked.push(options)
      return network
    },
  }
  return { happened, asked, starting: startDemo(deps) }
}

describe('the demo', () => {
  it('tells its story to the daemon, and closes the network after the daemon', async () => {
    const order: string[] = []
    const close = async () => {
      order.push('app closed')
      return []
    }
    const { happened, starting } = await demoWith(async () => ({ url: 'http://127.0.0.1:1', close }))
    const app = await starting
    expect(happened).toEqual(['story at http://127.0.0.1:1'])
    expect(await app.close()).toEqual([])
    expect(order).toEqual(['app closed'])
    expect(happened).toEqual(['story at http://127.0.0.1:1', 'network closed'])
  })

  it('closes the network when the daemon cannot start', async () => {
    const { happened, starting } = await demoWith(() => Promise.reject(new Error('no')))
    await expect(starting).rejects.toThrow('no')
    expect(happened).toEqual(['network closed'])
  })

  it('listens on a port that is free', async () => {
    const taken = createServer()
    // Whoever has the port, us or another: the demo must not ask for it.
    await new Promise<void>((resolve) => {
      taken.once('error', () => resolve())
      taken.listen(8080, '127.0.0.1', resolve)
    })
    try {
      const { asked, starting } = await demoWith(async () => ({ url: '', close: async () => [] }))
      await starting
      expect(asked[0]?.listen).toMatch(/^127\.0\.0\.1:(808[1-4]|0)$/)
    } finally {
      if (taken.listening) await new Promise((resolve) => taken.close(resolve))
    }
  })
})
