import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { Clock } from '../platform/clock.ts'
import { createLogger, type Logger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import { nearestWord } from '../platform/nearest-word.ts'
import type { PollDeps, PollRequest } from './poll.ts'
import { addReportCommands } from './report-commands.ts'
import type { BusyHourRequest, KpiRequest, ReportDeps } from './report-request.ts'
import type { RunDeps } from './run.ts'
import { exitCodes } from './terminal.ts'
import { plain } from './text-table.ts'

export interface ProgramDeps extends Pick<RunDeps, 'env' | 'terminal' | 'signals' | 'exit'> {
  readonly version: string
  readonly clock: Clock
}

type PollOptions = Omit<PollRequest, 'element'>

const seconds = (text: string): number => {
  const value = Number(text)
  if (!(value >= 0.1 && value <= 3_600)) throw new InvalidArgumentError('It must be from 0.1 to 3600.')
  return value
}

/**
 * Reads the arguments (without `node` and the script) and runs the command that they name. Resolves with the exit code.
 * Each command is loaded when it is called, so that `check` does not wait for what only the daemon needs.
 */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<number> {
  const { terminal, clock } = deps
  let exitCode: number = exitCodes.ok
  const program = new Command('faultline')
    .description('Finds network degradations and their root cause, and tells the affected customers first.')
    .version(deps.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
    })

  program
    .command('run', { isDefault: true })
    .description('run the daemon; without --config, a demo network')
    .option('-c, --config <file>', 'configuration file')
    .action(async ({ config }: { config?: string }) => {
      const { run } = await import('./run.ts')
      exitCode = await run(config, { ...deps, startApp: starter(deps), startDemo: () => demo(deps) })
    })

  program
    .command('check')
    .description('list every problem of a configuration')
    .requiredOption('-c, --config <file>', 'configuration file')
    .action(async ({ config }: { config: string }) => {
      const { check } = await import('./check.ts')
      exitCode = await check(config, deps)
    })

  program
    .command('poll')
    .description('poll one element now')
    .argument('<element>', 'its id')
    .requiredOption('-c, --config <file>', 'configuration file')
    .option('--seconds <n>', 'poll twice, so many seconds apart, for rates', seconds)
    .option('--json', 'print JSON', false)
    .option('--verbose', 'tell each packet on the error output, and in the JSON', false)
    .action(async (element: string, options: PollOptions) => {
      const { poll } = await import('./poll.ts')
      exitCode = await poll({ element, ...options }, { ...deps, openProbes: probesWith(clock) })
    })

  addReportCommands(program, {
    busyHour: async (request: BusyHourRequest) => {
      const { reportBusyHour } = await import('./report-busy-hour.ts')
      exitCode = await reportBusyHour(request, { ...deps, openStore: storeOf(clock) })
    },
    kpi: async (request: KpiRequest) => {
      const { reportKpi } = await import('./report-kpi.ts')
      exitCode = await reportKpi(request, { ...deps, openStore: storeOf(clock) })
    },
  })

  program
    .command('discover')
    .description('walk LLDP and CDP from seeds, and print inventory YAML')
    .argument('<seed...>', 'addresses or ids of elements')
    .requiredOption('-c, --config <file>', 'configuration file, with a discovery part')
    .option('--new', 'leave out what the configuration has already', false)
    .action(async (seeds: string[], options: { config: string; new: boolean }) => {
      const [{ discover }, { createSnmpNeighbourReader }] = await Promise.all([
        import('./discover.ts'),
        import('../collect/discovery/snmp-neighbour-reader.ts'),
      ])
      const request = { config: options.config, seeds, onlyNew: options.new }
      exitCode = await discover(request, {
        ...deps,
        openReader: (settings) => createSnmpNeighbourReader(settings, { clock, log: createLogger('silent') }),
      })
    })

  program
    .command('backup')
    .description('copy the state, and the samples of the embedded store, while the daemon runs')
    .argument('<file>', 'where the copy of the state goes; that of the samples goes to <file>.samples')
    .requiredOption('-c, --config <file>', 'configuration file')
    .option('--no-samples', 'the state alone')
    .action(async (file: string, options: { config: string; samples: boolean }) => {
      const { backup } = await import('./backup.ts')
      exitCode = await backup({ file, ...options }, deps)
    })

  program
    .command('restore')
    .description('put a backup in place, while no daemon runs')
    .argument('<file>', 'a file that `faultline backup` made')
    .requiredOption('-c, --config <file>', 'configuration file')
    .action(async (file: string, options: { config: string }) => {
      const { restore } = await import('./restore.ts')
      exitCode = await restore({ file, ...options }, deps)
    })

  const token = program.command('token').description('API tokens')
  token
    .command('create')
    .description('make an API token and print it once')
    .requiredOption('-c, --config <file>', 'configuration file')
    .requiredOption('--role <role>', 'admin, noc, desk or readonly')
    .requiredOption('--name <name>', 'who or what it is for')
    .action(async (options: { config: string; role: string; name: string }) => {
      const { createToken } = await import('./token.ts')
      exitCode = await createToken(options, deps)
    })

  token
    .command('list')
    .description('list the API tokens: id, role, name, when made and last used; never the token itself')
    .requiredOption('-c, --config <file>', 'configuration file')
    .action(async ({ config }: { config: string }) => {
      const { printTokens } = await import('./token.ts')
      exitCode = await printTokens(config, deps)
    })
  token
    .command('revoke')
    .description('end an API token: whoever shows it is refused from then on')
    .argument('<id>', 'its id, as `faultline token list` tells it')
    .requiredOption('-c, --config <file>', 'configuration file')
    .action(async (id: string, { config }: { config: string }) => {
      const { endToken } = await import('./token.ts')
      exitCode = await endToken(config, id, deps)
    })

  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(async () => {
      const { schema } = await import('./schema.ts')
      exitCode = schema(terminal)
    })

  const unknown = unknownCommand(program, args)
  if (unknown !== undefined) {
    terminal.error(unknown)
    return exitCodes.usage
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander throws for wrong arguments, and with exit code 0 after --help and --version.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    throw error
  }
}

/** Commander would take a mistyped command for an argument of the default one, `run`. */
function unknownCommand(program: Command, [first]: readonly string[]): string | undefined {
  if (first === undefined || first.startsWith('-')) return undefined
  const known = [...program.commands.map((command) => command.name()), 'help']
  if (known.includes(first)) return undefined
  const near = nearestWord(first, known)
  return `error: unknown command ${plain(first)}; ${near === undefined ? '--help lists them' : `did you mean ${near}?`}`
}

/** Starts the daemon; the demo says on its console that it is one. */
const starter =
  ({ clock, version }: ProgramDeps, demo?: { readonly log: Logger }): RunDeps['startApp'] =>
  async (config) => {
    const { startApp } = await import('../app.ts')
    return startApp(config, { clock, version, ...(demo ? { demo: true, log: demo.log } : {}) })
  }

async function demo(deps: ProgramDeps) {
  const [{ startDemo }, { startDemoNetwork }] = await Promise.all([
    import('./start-demo.ts'),
    import('../demo/start-demo.ts'),
  ])
  // Whoever tries the demo looks at the console; lines of JSON would bury its address.
  const log = createLogger('warn')
  return startDemo({ ...deps, startApp: starter(deps, { log }), startDemoNetwork, log })
}

const probesWith =
  (clock: Clock): PollDeps['openProbes'] =>
  async (target, settings, watches) => {
    const { openProbes } = await import('../wiring/open-probes.ts')
    const deps = { clock, log: createLogger('silent'), metrics: createMetrics(), ...watches }
    return (await openProbes(settings, [target], deps)).map(({ probe }) => probe)
  }

const storeOf =
  (clock: Clock): ReportDeps['openStore'] =>
  async ({ samples }) => {
    const { openSampleStore } = await import('../wiring/open-sample-store.ts')
    return openSampleStore(samples, { clock, log: createLogger('silent'), metrics: createMetrics() })
  }
