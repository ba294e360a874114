import { z } from 'zod'
import { reportStatuses, symptoms } from '../model/fault-report.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import type { Caller } from './authenticate.ts'
import {
  cursor,
  duration,
  id,
  limit,
  line,
  present,
  prose,
  rfc3339,
  time,
  versionIn,
  words,
} from './parameters.ts'
import type { MatchedReport } from './ports/report-access.ts'
import { matched, reportViews } from './report-view.ts'
import { type Route, route } from './route.ts'
import { mayActAs } from './tokens.ts'
import type { FaultReportView } from './views/fault-report-schemas.ts'

/** A desk's client gives up about then; the probe is over long before. */
const longestWaitMs = 10_000

const description = prose(4_000)

const newReport = z
  .strictObject({
    kind: z.enum(['fault', 'complaint']).default('fault'),
    service: id.optional(),
    customer: id.optional(),
    symptom: z.enum(symptoms),
    description: description.default(''),
    reportedOnset: time.optional().meta({ description: 'When the customer says that it began.' }),
    channel: line(32).default('phone'),
    externalId: id.optional().meta({ description: 'The same again is the same report.' }),
  })
  .refine((body) => body.service !== undefined || body.customer !== undefined, {
    path: ['service'],
    message: 'a service or a customer is needed',
  })

/** Fault reports: what the desk files and the ticketing system pulls. */
export function reportRoutes(deps: ApiDeps): readonly Route[] {
  async function view(found: MatchedReport, caller: Caller): Promise<FaultReportView> {
    const [report] = await reportViews({ deps, withNames: mayActAs(caller.role, 'desk') }, [found])
    if (!report) throw new FaultlineError('INTERNAL')
    return report
  }

  const decision = (name: 'link' | 'unlink', summary: string): Route =>
    route({
      method: 'post',
      path: `/api/v1/fault-reports/:report/${name}` as const,
      summary,
      role: 'desk',
      body: z.strictObject({ incident: id }),
      ifMatch: true,
      view: 'FaultReport',
      handle: async ({ params, body, caller, request }) => {
        const expected = versionIn(request.get('if-match'))
        const found = await deps.reports[name](params.report, body.incident, caller.actor, expected)
        return { body: await view(found, caller), version: found.report.version }
      },
    })

  return [
    route({
      method: 'post',
      path: '/api/v1/fault-reports',
      summary: 'Files a report; answers at once with the verdict, or after the path was probed with `wait`.',
      role: 'desk',
      statuses: [201, 200],
      query: z.strictObject({
        wait: duration
          .refine((ms) => ms <= longestWaitMs, '10s at most')
          .optional()
          .meta({ description: 'Wait so long for the result of the probe, such as 3s.' }),
      }),
      body: newReport,
      view: 'FaultReport',
      handle: async ({ query, body, caller }) => {
        const { reportedOnset, service, customer, externalId, ...facts } = body
        const named = present({ service, customer, externalId, reportedOnsetAt: reportedOnset })
        const found = await deps.reports.submit(
          { ...facts, ...named },
          caller.actor,
          present({ waitMs: query.wait }),
        )
        return {
          status: found.created ? 201 : 200,
          headers: { Location: `/api/v1/fault-reports/${found.report.id}` },
          body: await view(found, caller),
          version: found.report.version,
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/fault-reports',
      summary: 'Reports, newest first; with `updatedSince` in order of change, oldest first.',
      role: 'readonly',
      personal: 'fault-report.list',
      statuses: [200, 304],
      query: z.strictObject({
        status: z.enum(reportStatuses).optional(),
        customer: id.optional(),
        service: id.optional(),
        updatedSince: time.optional(),
        limit,
        cursor,
      }),
      view: 'FaultReportPage',
      handle: async ({ query, caller }) => {
        const page = await deps.reports.list({ limit: query.limit, ...present(query) })
        const withNames = mayActAs(caller.role, 'desk')
        const items = await reportViews({ deps, withNames }, await matched(deps, page.items))
        return { body: { items, nextCursor: page.nextCursor }, version: '' }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/fault-reports/:report',
      summary: 'One report with verdict, reasons, evidence and log.',
      role: 'readonly',
      personal: 'fault-report.read',
      statuses: [200, 304],
      view: 'FaultReportDetail',
      handle: async ({ params, caller }) => {
        const found = await deps.reports.get(params.report)
        if (!found) throw new FaultlineError('NOT_FOUND', `There is no fault report ${params.report}.`)
        const log = await deps.reports.log(params.report, mayActAs(caller.role, 'desk'))
        return {
          body: {
            ...(await view(found, caller)),
            log: log.map((row) => ({ ...row, at: rfc3339(row.at) })),
          },
          version: found.report.version,
        }
      },
    }),
    route({
      method: 'patch',
      path: '/api/v1/fault-reports/:report',
      summary: 'Changes status, symptom or description.',
      role: 'desk',
      body: z
        .strictObject({
          status: z.enum(reportStatuses).optional(),
          statusReason: words(500).optional(),
          symptom: z.enum(symptoms).optional(),
          description: description.optional(),
        })
        .refine((body) => Object.keys(body).length > 0, { message: 'nothing to change' }),
      ifMatch: true,
      view: 'FaultReport',
      handle: async ({ params, body, caller, request }) => {
        const expected = versionIn(request.get('if-match'))
        const found = await deps.reports.patch(params.report, body, caller.actor, expected)
        return { body: await view(found, caller), version: found.report.version }
      },
    }),
    decision('link', 'Ties the report to an incident by hand; that is kept.'),
    decision('unlink', 'Says that an incident does not explain the report; that is kept.'),
  ]
}
