import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { has } from '../../support/requires.ts'

const linux = resolve(import.meta.dirname, '../../../src/collect/sender/linux.pl')

const parts = resolve(import.meta.dirname, '../../../src/collect/sender/parts.pl')

/** What the clock of the sender makes of a wall clock that these lines set: `$wall` and `$monotonic`, in seconds. */
function run(...lines: readonly string[]): readonly number[] {
  const script = [
    'sub fail { die @_ }',
    'BEGIN { require $ARGV[0] }',
    'our $ahead;',
    'our ($wall, $monotonic) = (1_700_000_000, 5_000);',
    '{ no warnings; *clock_gettime = sub { $monotonic += 1e-6; $wall += 1e-6; $_[0] == 0 ? $wall : $monotonic } }',
    'sub look { clock_step() }',
    'look();',
    ...lines,
  ]
  const { stdout, stderr, status } = spawnSync('perl', ['-e', script.join('\n'), linux], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.trim().split(/\s+/).map(Number)
}

describe.skipIf(process.platform !== 'linux' || !has('perl'))('the clock of the packet sender', () => {
  it.for([3_600, -3_600, 0.01])('knows by how much the wall clock was set: %d s', (step) => {
    const [quiet, seen, after] = run(
      'print look(), "\\n";',
      `$wall += ${step};`,
      'print look(), "\\n", look(), "\\n";',
    )
    expect(quiet).toBe(0)
    expect(seen).toBeCloseTo(step, 4)
    expect(after).toBe(0)
  })

  it.for([3_600, -3_600])(
    'times no answer by an hour when it is set between sending and receiving: %d s',
    (step) => {
      // Sent, 20 ms on the way, and the clock is set before we look.
      const [took = Number.NaN] = run(
        'my $sent = clock_gettime(0);',
        `$wall += 0.02 + ${step}; $monotonic += 0.02;`,
        'print plausible($wall - $sent, $sent), "\\n";',
      )
      expect(took).toBeGreaterThanOrEqual(0.02)
      expect(took).toBeLessThan(0.021)
    },
  )

  it('takes a slow answer for what it is', () => {
    const [took] = run(
      'my $sent = clock_gettime(0);',
      '$wall += 0.5; $monotonic += 0.5;',
      'print plausible(0.4, $sent), "\\n";',
    )
    expect(took).toBe(0.4)
  })

  it.for([36_000_000_000, -36_000_000_000])('moves what was sent with it, and nothing else: %d', (step) => {
    const sent = 17_000_000_000_000_000
    const lines = [
      'our ($count, $of, $output);',
      'require $ARGV[0];',
      `my $part = { sent => pack 'Q>*', ${sent}, 0, ${sent + 2_000} };`,
      `shift_times($part, ${step});`,
      "print join ' ', unpack 'Q>*', $part->{sent};",
    ]
    const { stdout, stderr } = spawnSync('perl', ['-e', lines.join('\n'), parts], { encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: `${sent + step} 0 ${sent + 2_000 + step}`, stderr: '' })
  })
})
