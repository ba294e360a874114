import { describe, expect, it } from 'vitest'
import type { Customer } from '../../../src/model/customer.ts'
import type { ImpactState } from '../../../src/model/impact.ts'
import type { NotificationKind } from '../../../src/model/notification.ts'
import type { Service } from '../../../src/model/service.ts'
import type { LedgerRow } from '../../../src/notify/ledger-row.ts'
import { createRenderer } from '../../../src/notify/templates.ts'

const customerOf = (name: string, language: 'zh' | 'en'): Customer => ({
  id: 'c-1',
  name,
  language,
  tier: 'consumer',
  contacts: [{ channel: 'email', address: 'a@example.net' }],
  flags: [],
})
const serviceOf = (id: string, kind = 'broadband'): Service => ({
  id,
  customer: 'c-1',
  element: 'acc1-olt-7',
  interface: '1.3.6.1.2.1.2.2.1.8.7',
  endpoint: 'cpe11',
  class: kind,
  area: 'urban',
})
const known = new Map([
  ['s-100', serviceOf('s-100')],
  ['s-200', serviceOf('s-200', 'leased-line')],
  ['s-300', serviceOf('s-300', 'constructor')],
])
const render = createRenderer({ timeZone: 'Asia/Shanghai', service: (id) => known.get(id) })

const onsetAt = Date.parse('2026-03-01T06:05:00Z')
const rowOf = (
  kind: NotificationKind,
  states: Readonly<Record<string, ImpactState>>,
  facts: Partial<LedgerRow['facts']> = {},
): LedgerRow => ({
  id: 'n-1',
  incident: 'i-0042',
  customer: 'c-1',
  kind,
  services: Object.keys(states),
  facts: { states, onsetAt, ...facts },
  state: 'sending',
  dueAt: onsetAt,
  attempts: 0,
  queuedAt: onsetAt,
  updatedAt: onsetAt,
})

describe('an outage message', () => {
  it('says in Chinese what does not work, since when, until when, and what to do', () => {
    const eta = Date.parse('2026-03-01T08:30:00Z')
    const { subject, text } = render(
      rowOf('outage', { 's-100': 'down' }, { etaAt: eta }),
      customerOf('王小明', 'zh'),
    )
    expect(subject).toBe('业务中断通知：宽带业务（编号 s-100）')
    expect(text).toContain('尊敬的王小明：')
    expect(text).toContain('您的宽带业务（编号 s-100）目前无法使用。开始时间：2026年3月1日 14:05。')
    expect(text).toContain('预计恢复时间：2026年3月1日 16:30。')
    expect(text).toContain('i-0042')
  })

  it('says in English what is slow and what does not work, several services in one', () => {
    const { subject, text } = render(
      rowOf('outage', { 's-100': 'degraded', 's-200': 'down' }),
      customerOf('Ann Lee', 'en'),
    )
    expect(subject).toBe('Your broadband service s-100 and leased line s-200 are not working')
    expect(text).toContain('Dear Ann Lee,')
    expect(text).toContain('Your leased line s-200 is not working.')
    expect(text).toContain('Your broadband service s-100 is working, but slowly or with interruptions.')
    expect(text).toContain('This began on 1 March 2026 at 14:05.')
    expect(text).toContain('We cannot say yet how long it will take.')
  })

  it('names the zone only when it is one that nobody lives by', () => {
    const utc = createRenderer({ timeZone: 'UTC', service: (id) => known.get(id) })
    expect(utc(rowOf('outage', { 's-100': 'down' }), customerOf('A', 'en')).text).toContain('06:05 (UTC)')
  })

  it('has a word for a class of service that it does not know', () => {
    const { text } = render(rowOf('outage', { 's-300': 'down' }), customerOf('A', 'en'))
    expect(text).toContain('Your service s-300 is not working.')
  })
})

describe('a message later on', () => {
  it('tells the new time', () => {
    const eta = Date.parse('2026-03-01T16:00:00Z')
    const { text } = render(
      rowOf('progress', { 's-100': 'down' }, { etaAt: eta }),
      customerOf('王小明', 'zh'),
    )
    expect(text).toContain('最新的预计恢复时间：2026年3月2日 00:00。')
  })

  it('tells the end, from when until when, and what to do if it is none', () => {
    const restoredAt = Date.parse('2026-03-01T07:00:00Z')
    const { subject, text } = render(
      rowOf('restored', { 's-100': 'down' }, { restoredAt }),
      customerOf('Ann', 'en'),
    )
    expect(subject).toBe('Your broadband service s-100 is working again')
    expect(text).toContain('from 1 March 2026 at 14:05 until 1 March 2026 at 15:00')
    expect(text).toContain('please contact us')
  })
})

describe('every message', () => {
  const every = (['outage', 'progress', 'restored'] as const).flatMap((kind) =>
    (['down', 'degraded', 'atRisk'] as const).flatMap((state) =>
      (['zh', 'en'] as const).map((language) => [kind, state, language] as const),
    ),
  )

  it.for(every)(
    '%s, %s, %s: is complete, and shows nothing of the inside of the network',
    ([kind, state, language]) => {
      const rendered = render(rowOf(kind, { 's-100': state }), customerOf('Li', language))
      for (const part of [rendered.subject, rendered.text, rendered.html]) {
        expect(part).not.toMatch(/undefined|null|NaN|\[object|acc1|olt|cpe11|1\.3\.6/)
        expect(part).toContain('s-100')
      }
      for (const paragraph of rendered.text.trim().split('\n\n'))
        expect(rendered.html).toContain(`<p>${paragraph}</p>`)
    },
  )

  it.for(every)('%s, %s, %s: carries a hostile name as text', ([kind, state, language]) => {
    const hostile = '<script>alert("x")</script>\r\nBcc: all@example.net\u202e&\u0000'
    const { subject, text, html } = render(rowOf(kind, { 's-100': state }), customerOf(hostile, language))
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; Bcc: all@example.net &amp;')
    expect(text).toContain('<script>alert("x")</script> Bcc: all@example.net &')
    expect(subject).not.toMatch(/[\r\n]/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
    expect(text).not.toMatch(/[\u0000\u202e\r]/)
  })
})
