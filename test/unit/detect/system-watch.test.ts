import { describe, expect, it } from 'vitest'
import { usualFlapping } from '../../../src/detect/flapping.ts'
import { createSystemWatch } from '../../../src/detect/system-watch.ts'
import { type AlarmChange, resourceKey, type SystemAlarm } from '../../../src/model/alarm.ts'
import type { SystemStatus } from '../../../src/model/system-status.ts'

const well: SystemStatus = {
  polling: { polls: 1_000, skipped: 0, restarts: 0 },
  spool: { fillRatio: 0.1, dropping: false },
  state: {},
  store: { awayMs: 0 },
  channels: [{ name: 'email', failingMs: 0 }],
  messages: { overdue: 0, longestMs: 0 },
  clockJumpMs: 0,
}
const minuteMs = 60_000

/** Looks every five seconds. */
function watchBench(active: readonly SystemAlarm[] = []) {
  let made = active.length
  let now = 0
  const stored = new Map(active.map((alarm) => [alarm.id, alarm]))
  const watch = createSystemWatch({
    active,
    flapping: usualFlapping,
    newAlarmId: () => `sys-${++made}`,
    everyMs: 5_000,
  })
  const wordsOf = (changes: readonly AlarmChange<SystemAlarm>[]) => {
    for (const { alarm } of changes) stored.set(alarm.id, alarm)
    return changes
      .filter(({ kind }) => kind !== 'kept')
      .map((change) => {
        const { type, severity, resource } = change.alarm
        return `${change.kind === 'changed' ? change.what : change.kind} ${type} ${severity} ${resourceKey(resource)}`
      })
  }
  return {
    watch,
    look(over: Partial<SystemStatus> = {}, times = 1): readonly string[] {
      return Array.from({ length: times }, () => {
        now += 5_000
        return wordsOf(watch.accept({ ...well, ...over }, now))
      }).flat()
    },
    tick(ms: number) {
      now += ms
      return wordsOf(watch.tick(now))
    },
    carriedOver: () => [...stored.values()].filter(({ state }) => state === 'active'),
  }
}

describe('alarms about Faultline itself', () => {
  it('are none while all is well, or nothing is known yet', () => {
    const { look } = watchBench()
    expect(look({}, 3)).toEqual([])
    const unknown = {
      polling: { polls: 3, skipped: 3, restarts: 0 },
      store: {},
      channels: [{ name: 'email' }],
    }
    expect(look(unknown, 10)).toEqual([])
  })

  it.for<readonly [string, Partial<SystemStatus>, number, readonly string[]]>([
    [
      'polls that are late',
      { polling: { polls: 900, skipped: 100, restarts: 0 } },
      3,
      ['raised poller-late minor system:polling'],
    ],
    [
      'a polling thread that died',
      { polling: { polls: 900, skipped: 0, restarts: 1 } },
      1,
      ['raised poller-restarted major system:polling'],
    ],
    [
      'an element that cannot be sent to',
      { polling: { polls: 900, skipped: 0, restarts: 0, unsent: { elements: ['acc1'], polled: 10 } } },
      2,
      ['raised cannot-send major system:polling'],
    ],
    [
      'none that can be sent to',
      { polling: { polls: 900, skipped: 0, restarts: 0, unsent: { elements: ['a', 'b'], polled: 2 } } },
      2,
      ['raised cannot-send critical system:polling'],
    ],
    [
      'a spool near its cap',
      { spool: { fillRatio: 0.85, dropping: false } },
      2,
      ['raised spool-nearly-full minor system:spool'],
    ],
    [
      'a spool that loses samples',
      { spool: { fillRatio: 1, dropping: true } },
      2,
      ['raised spool-nearly-full critical system:spool'],
    ],
    [
      'a disk that cannot be written',
      { spool: { fillRatio: 0.1, dropping: false, problem: 'ENOSPC' } },
      2,
      ['raised disk-failing critical system:spool'],
    ],
    [
      'a state store that keeps nothing',
      { state: { problem: 'database or disk is full' } },
      2,
      ['raised disk-failing critical system:state store'],
    ],
    [
      'a store that is away',
      { store: { awayMs: 2 * minuteMs, problem: 'ECONNREFUSED' } },
      1,
      ['raised store-away major system:sample store'],
    ],
    [
      'a channel by which nothing goes out',
      { channels: [{ name: 'email', failingMs: 6 * minuteMs, problem: 'unreachable' }] },
      1,
      ['raised notifier-failing major system:channel email'],
    ],
    [
      'messages that wait',
      { messages: { overdue: 12, longestMs: 40 * minuteMs } },
      1,
      ['raised notifier-failing critical system:messages'],
    ],
    ['a clock that jumped', { clockJumpMs: -3_600_000 }, 1, ['raised clock-jumped major system:clock']],
  ])('say so: %s', ([, trouble, looks, expected]) => {
    const bench = watchBench()
    expect(bench.look(trouble, looks - 1)).toEqual([])
    expect(bench.look(trouble)).toEqual(expected)
    expect(bench.look(trouble, 10)).toEqual([])
    const [alarm] = bench.watch.active()
    expect(alarm).toMatchObject({ state: 'active', phase: 'raised' })
    expect(alarm?.text).not.toBe('')
    expect(alarm?.eventType).toMatch(/^(processingErrorAlarm|equipmentAlarm|communicationsAlarm)$/)
  })

  it('hold on between the limits, and are over below the lower one', () => {
    const { look } = watchBench()
    const spool = (fillRatio: number) => ({ spool: { fillRatio, dropping: false } })
    look(spool(0.85), 2)
    expect(look(spool(0.75), 20)).toEqual([])
    expect(look(spool(0.96), 2)).toEqual(['severity spool-nearly-full major system:spool'])
    expect(look(spool(0.69), 2)).toEqual(['cleared spool-nearly-full major system:spool'])
  })

  it('of what happened in an instant stand for ten minutes', () => {
    const { look } = watchBench()
    look({ clockJumpMs: 5_000 })
    expect(look({}, 119)).toEqual([])
    expect(look({}, 3)).toEqual(['cleared clock-jumped major system:clock'])
  })

  it('flap as others do, and say so once', () => {
    const { look } = watchBench()
    const away = { store: { awayMs: 2 * minuteMs } }
    const told = Array.from({ length: 10 }, () => [...look(away), ...look({}, 5)]).flat()
    expect(told.map((words) => words.split(' ')[0])).toEqual([
      'raised',
      'cleared',
      'raised',
      'cleared',
      'raised',
    ])
  })

  it('are what they were after a restart, and are cleared by what is measured and not by forgetting', () => {
    const before = watchBench()
    before.look({ store: { awayMs: 2 * minuteMs }, channels: [{ name: 'email', failingMs: 9 * minuteMs }] })
    const bench = watchBench(before.carriedOver())
    const untold = { store: {}, channels: [{ name: 'email' }] }
    expect(bench.watch.active()).toEqual(before.watch.active())
    expect(bench.look(untold, 2)).toEqual([])
    expect(bench.watch.active()).toHaveLength(2)
    expect(bench.look({}, 3).toSorted()).toEqual([
      'cleared notifier-failing major system:channel email',
      'cleared store-away major system:sample store',
    ])
  })

  it('of a part that is not there any more are cleared, and say why', () => {
    const { look, watch, carriedOver } = watchBench()
    look({ channels: [{ name: 'sms', failingMs: 9 * minuteMs }] })
    expect(look()).toEqual(['cleared notifier-failing major system:channel sms'])
    expect([watch.active(), carriedOver()]).toEqual([[], []])
  })

  it('are indeterminate when nobody looks', () => {
    const { look, tick } = watchBench()
    look({ store: { awayMs: 2 * minuteMs } })
    expect(tick(14_000)).toEqual([])
    expect(tick(2_000)).toEqual(['indeterminate store-away major system:sample store'])
    expect(look({ store: { awayMs: 2 * minuteMs } })).toEqual([
      'measured store-away major system:sample store',
    ])
  })
})
