import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/platform/errors.ts'

describe('the table of errors', () => {
  it('is the same in the code and in docs/errors.md', () => {
    const doc = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
    const rows = [...doc.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (yes|no) \| (.+?) \|$/gm)].map((row) =>
      row.slice(1),
    )
    const codes = Object.entries(errorCodes).map(([code, { status, retry, meaning }]) => [
      code,
      String(status),
      retry ? 'yes' : 'no',
      meaning,
    ])
    expect(rows.sort()).toEqual(codes.sort())
  })
})
