import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { InterfaceRow } from '../../../src/model/interface-table.ts'
import { rowsIn, startSnmpProbe } from '../../support/snmp-poll.ts'
import { recordedMib } from '../../support/snmp-recording.ts'
import { answerFrom, startSnmpResponder } from '../../support/snmp-responder.ts'

const ours = join(import.meta.dirname, '../../fixtures/snmp')
const devices = process.env.DEVICES_FOLDER ?? join(import.meta.dirname, '../../../../shared/devices')
const hasDevices = existsSync(devices)
if (!hasDevices)
  console.warn(
    `left out: polls of recorded devices, as there is no ${devices} (DEVICES_FOLDER names another)`,
  )

const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'

/** What a column holds, by index, straight from the text of the recording. */
function column(lines: readonly string[], oid: string): ReadonlyMap<number, string> {
  const own = lines.filter((line) => line.startsWith(`${oid}.`))
  return new Map(
    own.map((line): [number, string] => {
      const [name = '', , ...rest] = line.split('|')
      return [Number(name.slice(oid.length + 1)), rest.join('|')]
    }),
  )
}

/** Those of a folder that hold interfaces. */
const recordingsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.snmprec'))
    .filter((file) => readFileSync(join(folder, file), 'latin1').includes(`\n${ifEntry}.1.`))

const recordings = hasDevices ? recordingsIn(devices) : []
const access = { version: '2c', community: 'test' } as const

/** Polls it twice: the second time it is asked in the words that the first one made. */
async function pollCompletely(path: string): Promise<readonly InterfaceRow[]> {
  const lines = readFileSync(path, 'latin1').split(/\r?\n/)
  const indexes = new Set([8, 7, 14].flatMap((number) => [...column(lines, `${ifEntry}.${number}`).keys()]))
  const hasWide = column(lines, `${ifXEntry}.6`)
  const columns = (['inOctets', 'outOctets'] as const).map((name, at) => ({
    name,
    wide: column(lines, `${ifXEntry}.${6 + 4 * at}`),
    narrow: column(lines, `${ifEntry}.${10 + 6 * at}`),
  }))
  await using agent = await startSnmpResponder(answerFrom(recordedMib(path)))
  await using probe = await startSnmpProbe({ timeoutMs: 20_000 })
  let rows: readonly InterfaceRow[] = []
  for (const turn of ['in full', 'in short']) {
    const poll = await probe.poll(agent, access)
    expect(poll, turn).toMatchObject({ outcome: 'answered' })
    rows = rowsIn(poll)
    expect(new Set(rows.map(({ port }) => port.index)), turn).toEqual(indexes)
    expect(new Set(rows.map(({ port }) => port.name)).size, turn).toBe(rows.length)
    for (const { port, counters } of rows)
      for (const { name, wide, narrow } of columns) {
        const told = (hasWide.has(port.index) ? wide : narrow).get(port.index)
        if (told !== undefined && /^\d+$/.test(told))
          expect(counters[name], `${turn}, ${port.name}, ${name}`).toBe(BigInt(told))
      }
  }
  return rows
}

describe.runIf(hasDevices)('a recorded device', () => {
  it('is there at all', () => {
    expect(recordings.length).toBeGreaterThan(20)
  })

  it.for(recordings)('is polled completely: %s', { timeout: 60_000 }, async (file) => {
    await pollCompletely(join(devices, file))
  })
})

describe('a small recording', () => {
  const told = (rows: readonly InterfaceRow[]) =>
    rows
      .toSorted((a, b) => a.port.index - b.port.index)
      .map(({ port: { name, alias, speedBps, operStatus }, counters: { width } }) => [
        name,
        alias,
        speedBps,
        operStatus,
        width,
      ])
  const poll = (name: string) => pollCompletely(join(ours, `${name}.snmprec`))

  it('is tried at all', () => {
    expect(recordingsIn(ours)).toHaveLength(3)
  })

  it('of a switch with 32-bit counters alone and descriptions that are shared is polled completely', async () => {
    const ports = Array.from({ length: 8 }, (_, i) => [
      `Ethernet Port#${i + 1}`,
      '',
      i < 7 ? 100_000_000 : 1_000_000_000,
      (i + 1) % 3 === 0 ? 'down' : 'up',
      32,
    ])
    expect(told(await poll('switch-with-32-bit-counters'))).toEqual([
      ...ports,
      ['9', '', 0, 'notPresent', 32],
      ['CPU interface', '', 0, 'up', 32],
    ])
  })

  it('of a router whose indexes have gaps, some without 64 bits, is polled completely', async () => {
    expect(told(await poll('router-with-gaps'))).toEqual([
      ['Gi0/0/1', 'to core-1', 1_000_000_000, 'up', 64],
      ['Te0/1/0', 'Strasse Nörd', 10_000_000_000, 'up', 64],
      ['Hu0/2/0', 'line one line two', 100_000_000_000, 'up', 64],
      ['Se0/3/0', '', 1_544_000, 'up', 64],
      ['Se0/3/1', '', 512_000, 'dormant', 64],
      ['GigabitEthernet0/0/1.100', '', 0, 'up', 32],
      ['GigabitEthernet0/0/1.200', '', 0, 'up', 32],
      ['Nu0', '', 0, 'up', 64],
      ['Lo0', 'router id', 8_000_000_000, 'up', 64],
    ])
  })

  it('of a line terminal with names that are empty or shared is polled completely', async () => {
    const rows = told(await poll('line-terminal-with-shared-names'))
    expect(rows.map(([name]) => name)).toEqual([
      'xge0',
      'xge1',
      'meth',
      ...[0, 1, 2, 3].map((n) => `pon#pon 0/0/${n}`),
      ...[0, 1, 2, 3].map((n) => `pon 0/1/${n}`),
    ])
    expect(rows[3]).toEqual(['pon#pon 0/0/0', '小区', 2_488_000_000, 'up', 64])
    expect(rows[2]).toEqual(['meth', '', 100_000_000, 'up', 32])
  })
})
