import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

describe('a command whose reader goes away', () => {
  it('ends quietly', async () => {
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'schema'])
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint += text
    })
    child.stdout.destroy()
    const [code] = await once(child, 'close')
    expect([code, complaint]).toEqual([0, ''])
  })
})
