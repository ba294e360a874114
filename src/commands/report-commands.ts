import { type Command, InvalidArgumentError, Option } from 'commander'
import { type BusyHourRequest, type KpiRequest, reportFormats } from './report-request.ts'

interface ReportActions {
  busyHour(request: BusyHourRequest): Promise<void>
  kpi(request: KpiRequest): Promise<void>
}

/** As many services as one answer of the API names. */
const services = (text: string): number => {
  const value = Number(text)
  if (!/^\d{1,4}$/.test(text) || value > 1_000) throw new InvalidArgumentError('It must be from 0 to 1000.')
  return value
}

/** Adds `report` and what it can report. */
export function addReportCommands(program: Command, actions: ReportActions): void {
  const reports = program.command('report').description('reports')
  const report = (name: string, description: string, days: number) =>
    reports
      .command(name)
      .description(description)
      .requiredOption('-c, --config <file>', 'configuration file')
      .option(
        '--from <time>',
        `first local day, such as 2026-03-01, or a time; default: ${days} days before the end`,
      )
      .option('--to <time>', 'the day after the last one, or a time; default: now')
      .addOption(new Option('--format <format>', 'how to print').choices(reportFormats).default('table'))

  report('busy-hour', 'how full interfaces are at their busy hours, and when 80 % is reached', 30)
    .option('--element <id>', 'this element only')
    .option('--interface <name>', 'this interface of it only')
    .option('--percentiles', 'with the 95th percentiles of all 5-minute rates (always with --element)', false)
    .action(actions.busyHour)

  report('kpi', 'whether services were good at the peak: 95 % is the goal', 7)
    .option('--service <id>', 'this service only')
    .option('--class <name>', 'services of this class only')
    .addOption(new Option('--area <area>', 'services of this area only').choices(['urban', 'rural']))
    .option('--services <n>', 'name so many services that were not good at most', services, 100)
    .action(actions.kpi)
}
