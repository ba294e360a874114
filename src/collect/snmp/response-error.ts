import { oidText } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { SnmpFailure } from './snmp-failure.ts'

/** errorStatus of RFC 3416 §3, by number. */
const words = [
  'NoError',
  'TooBig',
  'NoSuchName',
  'BadValue',
  'ReadOnly',
  'GenErr',
  'NoAccess',
  'WrongType',
  'WrongLength',
  'WrongEncoding',
  'WrongValue',
  'NoCreation',
  'InconsistentValue',
  'ResourceUnavailable',
  'CommitFailed',
  'UndoFailed',
  'AuthorizationError',
  'NotWritable',
  'InconsistentName',
] as const

const tooBig = 1
const noSuchName = 2
const genErr = 5

/** Sorts the error that an agent answers with. */
export function responseError(status: number, index: number, asked: RequestPdu): SnmpFailure {
  const name = asked.names[index - 1]
  const oid = name === undefined ? undefined : oidText(name.bytes, name.start, name.end)
  const word = words[status] ?? `error ${status}`
  const text = `the agent answered with the error ${word}${oid === undefined ? '' : ` about ${oid}`}`
  // Some agents say genErr where they mean tooBig; asked for less, they answer.
  if (status === tooBig || status === genErr) return new SnmpFailure('tooBig', text, oid)
  return new SnmpFailure(status === noSuchName ? 'noSuchName' : 'refused', text, oid)
}
