import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startDaemonProcess } from '../support/daemon-process.ts'
import { eventually } from '../support/eventually.ts'
import { makeStartFolder } from '../support/start-folder.ts'

/** Processes of which this one is an ancestor. */
function childrenOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number)
  return [...children, ...children.flatMap(childrenOf)]
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

it('SIGTERM to `npm start` alone ends all that it started, cleanly', async () => {
  const folder = makeStartFolder()
  onTestFinished(() => rm(folder, { recursive: true }))
  writeFileSync(
    join(folder, 'faultline.yaml'),
    'server: { listen: "127.0.0.1:0" }\nelements: [{ id: cabinet }]\n',
  )
  await using daemon = await startDaemonProcess('npm', ['start', '--', '--config', 'faultline.yaml'], {
    cwd: folder,
  })
  const started = childrenOf(daemon.pid)
  // When this fails, nothing is left behind.
  onTestFinished(() => {
    for (const pid of started.filter(isRunning)) process.kill(pid, 'SIGKILL')
  })
  expect(started.length).toBeGreaterThanOrEqual(2)
  process.kill(daemon.pid, 'SIGTERM')
  await eventually('the end of all', () => ![daemon.pid, ...started].some(isRunning))
  expect(daemon.output()).toContain('"msg":"stopped"')
})
