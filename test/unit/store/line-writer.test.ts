import { describe, expect, it } from 'vitest'
import type { InfluxAnswer } from '../../../src/store/influx/influx-http.ts'
import { createLineWriter } from '../../../src/store/influx/line-writer.ts'
import { readBadRequest } from '../../../src/store/influx/partial-write.ts'

const signal = new AbortController().signal

/** A writer whose server answers by what the body holds, and remembers the bodies. */
function writerTo(answer: (body: string) => InfluxAnswer | Promise<InfluxAnswer>) {
  const bodies: string[] = []
  let created = 0
  const write = createLineWriter({
    http: {
      send: async ({ body }) => {
        const text = String(body)
        bodies.push(text)
        return answer(text)
      },
    },
    database: 'd',
    createDatabase: async () => {
      created++
    },
  })
  const encoded = (lines: readonly string[]) => ({
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    rows: lines.length,
  })
  return {
    write: (lines: readonly string[]) => write(encoded(lines), signal),
    bodies,
    created: () => created,
  }
}

const says = (error: string) => JSON.stringify({ error })
const lines = (count: number) => Array.from({ length: count }, (_, i) => `line-${i}`)

describe('writing lines to InfluxDB', () => {
  it('counts all as written on 204, and asks nothing for an empty batch', async () => {
    const { write, bodies } = writerTo(() => ({ status: 204, body: '' }))
    expect(await write(lines(3))).toEqual({ written: 3, refused: 0 })
    expect(await write([])).toEqual({ written: 0, refused: 0 })
    expect(bodies).toEqual(['line-0\nline-1\nline-2\n'])
  })

  it('does not send a partly stored batch again', async () => {
    const reason =
      'partial write: field type conflict: input field "v" is type integer, already exists as type float dropped=2'
    const { write, bodies } = writerTo(() => ({ status: 400, body: says(reason) }))
    expect(await write(lines(5))).toEqual({ written: 3, refused: 2, reason })
    expect(bodies).toHaveLength(1)
  })

  it('finds the one bad line by halving when a 400 does not say which', async () => {
    const { write } = writerTo((body) =>
      body.includes('line-11\n') ? { status: 400, body: says('odd') } : { status: 204, body: '' },
    )
    expect(await write(lines(64))).toEqual({ written: 63, refused: 1, reason: 'HTTP 400: odd' })
  })

  it('finds many bad lines among many', async () => {
    const { write, bodies } = writerTo((body) =>
      /line-\d*777\n/.test(body) ? { status: 400, body: says('odd') } : { status: 204, body: '' },
    )
    expect(await write(lines(32_000))).toEqual({ written: 31_968, refused: 32, reason: 'HTTP 400: odd' })
    expect(bodies.length).toBeLessThan(1_000)
  })

  it('knows the partial write of InfluxDB 2.x', async () => {
    const message =
      'failure writing points to database: partial write: points beyond retention policy dropped=2'
    const body = JSON.stringify({ code: 'unprocessable entity', message })
    const { write, bodies } = writerTo(() => ({ status: 422, body }))
    expect(await write(lines(5))).toEqual({ written: 3, refused: 2, reason: message })
    expect(bodies).toHaveLength(1)
  })

  it('stops halving when every request is refused', async () => {
    const { write, bodies } = writerTo(() => ({ status: 400, body: '<html>no</html>' }))
    expect(await write(lines(5_000))).toMatchObject({ written: 0, refused: 5_000 })
    expect(bodies.length).toBeLessThan(100)
  })

  it('halves a batch that is too large, and remembers the size', async () => {
    const { write, bodies } = writerTo((body) => ({ status: body.length > 40 ? 413 : 204, body: '' }))
    expect(await write(lines(16))).toEqual({ written: 16, refused: 0 })
    bodies.length = 0
    expect(await write(lines(16))).toEqual({ written: 16, refused: 0 })
    expect(bodies.every((body) => body.length <= 40)).toBe(true)
  })

  it('refuses a single line that is too large', async () => {
    const { write } = writerTo(() => ({ status: 413, body: '' }))
    expect(await write(['x'])).toMatchObject({ written: 0, refused: 1 })
  })

  it('makes the database again when it is gone', async () => {
    let gone = true
    const { write, created } = writerTo(() => {
      const answer = gone ? { status: 404, body: says('database not found: "d"') } : { status: 204, body: '' }
      gone = false
      return answer
    })
    expect(await write(lines(2))).toEqual({ written: 2, refused: 0 })
    expect(created()).toBe(1)
  })

  it.each([301, 405])('refuses for good on %i', async (status) => {
    const { write } = writerTo(() => ({ status, body: says('no') }))
    expect(await write(lines(2))).toEqual({ written: 0, refused: 2, reason: `HTTP ${status}: no` })
  })

  it.each([401, 403, 404, 408, 429, 500, 503])(
    'decides nothing on %i, and hands on how long to wait',
    async (status) => {
      const { write } = writerTo(() => ({ status, body: says('later'), retryAfterMs: 7_000 }))
      await expect(write(lines(2))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        details: { retryAfterMs: 7_000, status },
      })
    },
  )
})

describe('a refused write', () => {
  it.each([
    ['counts what the server counted', 'partial write: points beyond retention policy dropped=3', 3],
    [
      'counts lines that could not be parsed',
      "partial write: unable to parse 'a': x\nunable to parse 'b': y dropped=0",
      2,
    ],
    ['counts at least one', 'partial write: something new', 1],
    ['never counts more than were sent', 'partial write: odd dropped=99', 10],
    ['believes no count inside a line', "partial write: unable to parse 'm v=dropped=9': z dropped=0", 1],
  ])('%s', (_, reason, dropped) => {
    expect(readBadRequest(says(reason), 10)).toMatchObject({ kind: 'partial', dropped })
  })

  it('is understood although the answer was cut', () => {
    const cut = says(`partial write: unable to parse '${'a'.repeat(500)}`).slice(0, 400)
    const { kind, reason } = readBadRequest(cut, 10)
    expect(kind).toBe('partial')
    expect(reason.length).toBeLessThanOrEqual(300)
  })
})
