import type { FaultReport } from '../model/fault-report.ts'
import type { Inventory } from '../model/inventory.ts'
import { FaultlineError } from '../platform/errors.ts'

/** What a reporter tells. At least one of customer and service. */
export type SubmitInput = Pick<FaultReport, 'kind' | 'symptom' | 'description' | 'channel'> &
  Partial<Pick<FaultReport, 'customer' | 'service' | 'reportedOnsetAt' | 'externalId'>>

/** The part of a report that is known before anything is measured. */
export type ReportFacts = Omit<SubmitInput, 'customer'> & Pick<FaultReport, 'customer'>

/** Clocks of callers may be a little ahead of ours. */
const aheadMs = 5 * 60_000

const refused = (field: string, message: string) => new FaultlineError('REQUEST_INVALID', message, { field })

/** @throws FaultlineError REQUEST_INVALID naming the field that does not fit what we know. */
export function checkReport(input: SubmitInput, inventory: Inventory, now: number): ReportFacts {
  const service = input.service === undefined ? undefined : inventory.services.get(input.service)
  if (input.service !== undefined && !service) throw refused('service', 'no such service')
  const customer = input.customer ?? service?.customer
  if (customer === undefined) throw refused('service', 'a service or a customer is needed')
  if (!inventory.customers.has(customer)) throw refused('customer', 'no such customer')
  if (service && service.customer !== customer) throw refused('service', 'is not a service of this customer')
  if ((input.reportedOnsetAt ?? 0) > now + aheadMs) throw refused('reportedOnset', 'lies in the future')
  return { ...input, customer }
}
