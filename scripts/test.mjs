// `npm test`: everything that the tests need, then the tests. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { ensureNpmPackages, giveUp, nodeBinary, root } from './setup.mjs'

/** Program that a test starts → Debian package that has it. */
const programs = {
  influxd: 'influxdb',
  snmpd: 'snmpd',
  snmpget: 'snmp',
  fping: 'fping',
  ping: 'iputils-ping',
  perl: 'perl-base',
  lldpd: 'lldpd',
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  chromium: 'chromium',
  python3: 'python3',
  openssl: 'openssl',
}

const path = `${process.env.PATH ?? ''}${delimiter}/usr/local/sbin${delimiter}/usr/sbin${delimiter}/sbin`
const missingPrograms = () =>
  Object.keys(programs).filter(
    (name) => !path.split(delimiter).some((folder) => existsSync(join(folder, name))),
  )
const packagesOf = (names) => [...new Set(names.map((name) => programs[name]))].sort()

/** Installs what is missing when we may; otherwise says what is missing, and stops unless told to go on without. */
function ensurePrograms() {
  let missing = missingPrograms()
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const packages = packagesOf(missing)
    console.log(`The tests use real programs. Installing Debian packages: ${packages.join(' ')}`)
    // RUNLEVEL=1: the packages' own services are not started; the tests start what they need themselves.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
    missing = missingPrograms()
  }
  if (missing.length === 0) return missing
  const what = `These programs are missing: ${missing.join(', ')} (Debian packages: ${packagesOf(missing).join(' ')}).`
  if (process.env.ALLOW_MISSING !== '1') {
    giveUp(
      `${what}\nInstall them (as root: apt-get install ${packagesOf(missing).join(' ')}),\n` +
        'or run ALLOW_MISSING=1 npm test to leave out the tests that need them.',
    )
  }
  console.log(`\n*** ${what}\n*** ALLOW_MISSING=1: the tests that need them are LEFT OUT.\n`)
  return missing
}

ensureNpmPackages()
const missing = ensurePrograms()
if (process.getuid?.() !== 0) {
  console.log('\n*** Not root: the tests in network namespaces are LEFT OUT. As root they run.\n')
}
const results = mkdtempSync(join(tmpdir(), 'faultline-test-'))
const report = join(results, 'report.json')
const node = nodeBinary()
const { status } = spawnSync(
  node,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(node)}${delimiter}${path}`,
      FAULTLINE_MISSING: missing.join(','),
    },
  },
)
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  console.log(
    `\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`,
  )
}
rmSync(results, { recursive: true, force: true })
process.exit(status ?? 1)
