import type { Act, WorldEvent } from './scenario.ts'
import { type Sentence, sentence } from './sentence.ts'

/** What a line says: one thing that happens, or several over a while, each so many ms after the line's own time. */
export type Said =
  | {
      readonly world: readonly {
        readonly afterMs: number
        readonly event: WorldEvent
        readonly text?: string
      }[]
    }
  | { readonly act: Act }

const world = (...events: readonly WorldEvent[]): Said => ({
  world: events.map((event) => ({ afterMs: 0, event })),
})
const towardsOf = (element: string | undefined) => (element === undefined ? {} : { towards: element })
const steady = (ratio: number) => ({ low: ratio, high: ratio, peakMs: 0 })

/** Down for the first half of each period, up for the second. */
const flapping = (
  durationMs: number,
  periodMs: number,
  [bad, badText]: readonly [WorldEvent, string],
  [good, goodText]: readonly [WorldEvent, string],
): Said => ({
  world: Array.from({ length: Math.ceil(durationMs / periodMs) }, (_, turns) => [
    { afterMs: turns * periodMs, event: bad, text: badText },
    { afterMs: turns * periodMs + periodMs / 2, event: good, text: goodText },
  ]).flat(),
})

/** Everything that can be said to happen; the manual has the same list (a test compares). */
export const happenings: readonly Sentence<Said>[] = [
  sentence('cut <link>', 'The link carries nothing and the ports at both ends go down.', ({ link }) =>
    world({ type: 'link', link, up: false }),
  ),
  sentence('mend <link>', 'The link is as before.', ({ link }) => world({ type: 'link', link, up: true })),
  sentence(
    'flap <link> every <period> for <duration>',
    'Cut for the first half of each period, whole for the second.',
    ({ link, period, duration }) =>
      flapping(
        duration,
        period,
        [{ type: 'link', link, up: false }, `cut ${link.name}`],
        [{ type: 'link', link, up: true }, `mend ${link.name}`],
      ),
  ),
  sentence(
    'power off site <site>',
    'All elements of a site lose their power; so the ports towards them go down.',
    ({ site }) => world({ type: 'power', elements: site, on: false }),
  ),
  sentence('power on site <site>', 'They come back, with counters at zero.', ({ site }) =>
    world({ type: 'power', elements: site, on: true }),
  ),
  sentence('power off <elements>', 'The same for some elements.', ({ elements }) =>
    world({ type: 'power', elements, on: false }),
  ),
  sentence('power on <elements>', 'They come back, with counters at zero.', ({ elements }) =>
    world({ type: 'power', elements, on: true }),
  ),
  sentence(
    'power of <element> flaps every <period> for <duration>',
    'Off for the first half of each period, on for the second.',
    ({ element, period, duration }) =>
      flapping(
        duration,
        period,
        [{ type: 'power', elements: [element], on: false }, `power off ${element}`],
        [{ type: 'power', elements: [element], on: true }, `power on ${element}`],
      ),
  ),
  sentence(
    'freeze <element>',
    'It forwards nothing and answers nothing, and its neighbours still see light.',
    ({ element }) => world({ type: 'freeze', element, frozen: true }),
  ),
  sentence('thaw <element>', 'It is as before.', ({ element }) =>
    world({ type: 'freeze', element, frozen: false }),
  ),
  sentence('agent of <element> dies', 'SNMP is silent; the path is alive.', ({ element }) =>
    world({ type: 'agent', element, alive: false }),
  ),
  sentence('agent of <element> returns', 'SNMP answers.', ({ element }) =>
    world({ type: 'agent', element, alive: true }),
  ),
  sentence('<element> filters echo', 'ICMP is silent; all else works.', ({ element }) =>
    world({ type: 'echo', element, filtered: true }),
  ),
  sentence('<element> answers echo', 'It is as before.', ({ element }) =>
    world({ type: 'echo', element, filtered: false }),
  ),
  sentence(
    'lose <percent> on <link> [towards <element>]',
    'So many packets are lost, spread evenly, each way or one way. 40 % of round trips lost silence SNMP too.',
    ({ percent, link, element }) => world({ type: 'loss', link, ratio: percent, ...towardsOf(element) }),
  ),
  sentence(
    'delay <duration> on <link> [towards <element>]',
    'Each packet is so much later.',
    ({ duration, link, element }) => world({ type: 'delay', link, ms: duration, ...towardsOf(element) }),
  ),
  sentence(
    'jitter <duration> on <link> [towards <element>]',
    'Every second packet is so much later.',
    ({ duration, link, element }) => world({ type: 'jitter', link, ms: duration, ...towardsOf(element) }),
  ),
  sentence(
    'load <percent> on <link> [towards <element>]',
    'Offered traffic: above 80 % it waits (up to 100 ms at 100 %), above 100 % the rest is lost. Usual: 10 %.',
    ({ percent, link, element }) =>
      world({ type: 'load', link, load: steady(percent), ...towardsOf(element) }),
  ),
  sentence(
    'daily load up to <percent> at <time> on <link> [towards <element>]',
    'A wave from 10 % to the highest at that time of day (UTC).',
    ({ percent, time, link, element }) =>
      world({ type: 'load', link, load: { low: 0.1, high: percent, peakMs: time }, ...towardsOf(element) }),
  ),
  sentence('sending fails', 'This host cannot send, and its probes say so.', () =>
    world({ type: 'sending', works: false }),
  ),
  sentence('sending works', 'It can.', () => world({ type: 'sending', works: true })),
  sentence(
    'sending to <element> fails',
    'This host has no route to it, and its probes say so.',
    ({ element }) => world({ type: 'sending', works: false, element }),
  ),
  sentence('sending to <element> works', 'It has.', ({ element }) =>
    world({ type: 'sending', works: true, element }),
  ),
  sentence('polling stops', 'No poll ends any more.', () => world({ type: 'polling', on: false })),
  sentence('polling goes on', 'Polls end again.', () => world({ type: 'polling', on: true })),
  sentence(
    'readings of <element> come <duration> late',
    'What is measured at one time is told so much later.',
    ({ element, duration }) => world({ type: 'late', element, ms: duration }),
  ),
  sentence('readings of <element> come in time', 'They do.', ({ element }) =>
    world({ type: 'late', element, ms: 0 }),
  ),
  sentence('agents take <duration> to answer', 'All of them; usual: 40 ms.', ({ duration }) =>
    world({ type: 'slowAgents', ms: duration }),
  ),
  sentence('<element> sends a trap', 'It says that something happened, and not what.', ({ element }) => ({
    act: { type: 'trap', element },
  })),
  sentence('the sample store goes away', 'It takes nothing any more.', () =>
    world({ type: 'store', away: true }),
  ),
  sentence('the sample store is back', 'It takes what it is given.', () =>
    world({ type: 'store', away: false }),
  ),
  sentence('the spool is <percent> full', 'So much of its cap lies on the disk.', ({ percent }) =>
    world({ type: 'spool', fillRatio: percent }),
  ),
  sentence('the mail server goes away', 'No message leaves; each is tried again.', () =>
    world({ type: 'mail', works: false }),
  ),
  sentence('the mail server is back', 'They leave again.', () => world({ type: 'mail', works: true })),
  sentence(
    'the clock is set <duration> forward',
    "That of the daemon's host; times that the daemon tells are by it from then on, those of the scenario are not.",
    ({ duration }) => ({ act: { type: 'setClock', byMs: duration } }),
  ),
  sentence('the clock is set <duration> back', 'The same.', ({ duration }) => ({
    act: { type: 'setClock', byMs: -duration },
  })),
  sentence(
    'the host sleeps for <duration>',
    'As a virtual machine that is suspended: nothing runs, and then the clock is right again at once.',
    ({ duration }) => ({ act: { type: 'suspend', forMs: duration } }),
  ),
  sentence(
    'kill the daemon [for <duration>]',
    'As kill -9 does; it is started again, with what its state store holds.',
    ({ duration }) => ({ act: { type: 'restart', afterMs: duration ?? 0 } }),
  ),
  sentence(
    'report <service> <symptom> [since <time>]',
    'A customer reports a fault.',
    ({ service, symptom, time }) => ({
      act: { type: 'report', service, symptom, ...(time === undefined ? {} : { onsetMs: time }) },
    }),
  ),
  ...people(),
]

function people(): readonly Sentence<Said>[] {
  type Action<Type extends Act['type'], Key extends keyof Extract<Act, { type: Type }>> = Extract<
    Act,
    { type: Type }
  >[Key]
  const person = (who: string, incident: number, action: Action<'person', 'action'>): Said => ({
    act: { type: 'person', who, incident, action },
  })
  const onAlarm = (who: string, alarm: string, action: Action<'alarm', 'action'>): Said => ({
    act: { type: 'alarm', who, alarm, action },
  })
  const onWork = (who: string, work: number, change: Action<'work', 'change'>): Said => ({
    act: { type: 'work', who, work, change },
  })
  return [
    sentence('<who> acknowledges <incident>', 'A person does.', ({ who, incident }) =>
      person(who, incident, { type: 'acknowledge' }),
    ),
    sentence('<who> starts work on <incident>', 'A person does, and is its assignee.', ({ who, incident }) =>
      person(who, incident, { type: 'start', assignee: who }),
    ),
    sentence(
      '<who> holds <incident> "<words>"',
      'A person does, for that reason.',
      ({ who, incident, words }) => person(who, incident, { type: 'hold', reason: words }),
    ),
    sentence('<who> notes on <incident> "<words>"', 'A person does.', ({ who, incident, words }) =>
      person(who, incident, { type: 'note', text: words }),
    ),
    sentence(
      '<who> promises <time> for <incident>',
      'A person does: by then it works again.',
      ({ who, time, incident }) => person(who, incident, { type: 'eta', etaAt: time }),
    ),
    sentence('<who> resolves <incident>', 'A person does.', ({ who, incident }) =>
      person(who, incident, { type: 'resolve' }),
    ),
    sentence(
      '<who> reopens <incident> "<words>"',
      'A person does, for that reason.',
      ({ who, incident, words }) => person(who, incident, { type: 'reopen', reason: words }),
    ),
    sentence('<who> closes <incident>', 'A person does.', ({ who, incident }) =>
      person(who, incident, { type: 'close' }),
    ),
    sentence('<who> acknowledges alarm <alarm>', 'A person does.', ({ who, alarm }) =>
      onAlarm(who, alarm, { type: 'acknowledge' }),
    ),
    sentence(
      '<who> shelves alarm <alarm> for <duration> "<words>"',
      'A person puts it aside, for that reason.',
      ({ who, alarm, duration, words }) =>
        onAlarm(who, alarm, { type: 'shelve', forMs: duration, reason: words }),
    ),
    sentence('<who> unshelves alarm <alarm>', 'A person does.', ({ who, alarm }) =>
      onAlarm(who, alarm, { type: 'unshelve' }),
    ),
    sentence(
      '<who> plans work from <time> for <duration> on <elements> and below',
      'A maintenance window, which covers what hangs on them too. The first one is W1.',
      ({ who, time, duration, elements }) => ({
        act: { type: 'plan', who, elements, includeDownstream: true, start: time, durationMs: duration },
      }),
    ),
    sentence(
      '<who> plans work from <time> for <duration> on <elements>',
      'A maintenance window for these alone.',
      ({ who, time, duration, elements }) => ({
        act: { type: 'plan', who, elements, includeDownstream: false, start: time, durationMs: duration },
      }),
    ),
    sentence(
      '<who> plans work every "<words>" from <time> for <duration> on <elements>',
      'One that takes place again; the words are an RRULE (RFC 5545).',
      ({ who, words, time, duration, elements }) => ({
        act: {
          type: 'plan',
          who,
          elements,
          includeDownstream: true,
          start: time,
          durationMs: duration,
          recurrence: words,
        },
      }),
    ),
    sentence('<who> ends work <work>', 'A person does, early.', ({ who, work }) =>
      onWork(who, work, { type: 'moveEnd', endsAt: 'now' }),
    ),
    sentence('<who> extends work <work> to <time>', 'A person does.', ({ who, work, time }) =>
      onWork(who, work, { type: 'moveEnd', endsAt: time }),
    ),
    sentence('<who> cancels work <work>', 'A person does.', ({ who, work }) =>
      onWork(who, work, { type: 'cancel' }),
    ),
  ]
}
