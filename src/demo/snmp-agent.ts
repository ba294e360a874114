import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { type Answer, type MibView, oidOf } from './mib-view.ts'

/** The demo's credentials. No secrets: they open simulated boxes on loopback, and the console shows them to nobody. */
export const demoAccess = {
  community: 'demo',
  user: 'demo',
  authPassword: 'demo-authentication',
  privPassword: 'demo-privacy',
} as const

/** How packets reach the agent at the moment; undefined: they do not. */
export interface Reachability {
  readonly delayMs: number
  readonly lossRatio: number
}

export interface AgentOptions {
  readonly address: string
  readonly port: number
  /** What the agent has, made anew for each request so that one answer is of one moment. */
  readonly view: () => MibView
  readonly engineBoots: () => number
  readonly reachability: () => Reachability | undefined
  readonly log: Logger
}

export interface SnmpAgent {
  close(): Promise<void>
}

/** Variables in one answer, which keeps the largest under 16 kB. */
const mostVariables = 400
const notWritable = 17
const noSuchName = 2

/**
 * An SNMP agent (v1, v2c, v3 with SHA-256 and AES-128) on a UDP port. net-snmp's agent does the messages and their
 * security. It is not given a Mib to answer from, because its own has three faults (3.29): GETBULK takes
 * max-repetitions as a number of variables instead of rows, GETNEXT behind the end of the tree answers noSuchInstance
 * instead of endOfMibView, and reading a variable reads its whole table row twice. Requests are answered from a
 * `MibView` instead.
 *
 * @throws FaultlineError LISTEN_FAILED when the port cannot be had.
 */
export async function startSnmpAgent(options: AgentOptions): Promise<SnmpAgent> {
  const netSnmp: NetSnmp = createRequire(import.meta.url)('net-snmp')
  const socket = await listen(options)
  const gate = createGate(socket, options)
  const agent = netSnmp.createAgent(
    // `port` is only a part of net-snmp's name for the socket; the socket is bound already.
    { address: options.address, port: options.port, dgramModule: { createSocket: () => gate } },
    (error) => {
      if (error) options.log.debug({ err: messageOf(error) }, 'snmp request refused')
    },
  )
  const authorizer = agent.getAuthorizer()
  authorizer.addCommunity(demoAccess.community)
  authorizer.addUser({
    name: demoAccess.user,
    level: netSnmp.SecurityLevel.authPriv,
    authProtocol: netSnmp.AuthProtocols.sha256,
    authKey: demoAccess.authPassword,
    privProtocol: netSnmp.PrivProtocols.aes,
    privKey: demoAccess.privPassword,
  })

  const answering =
    (answersTo: (pdu: RequestPdu, view: MibView) => readonly Answer[]): Responder =>
    (from, request, rinfo) => {
      agent.engine.engineBoots = options.engineBoots()
      const response = request.pdu.getResponsePduForRequest()
      const answers = answersTo(request.pdu, options.view())
      const missing = answers.findIndex(({ type }) => type.startsWith('NoSuch') || type === 'EndOfMibView')
      if (request.version === netSnmp.Version1 && missing >= 0) {
        // SNMPv1 has no exceptions: the whole request fails (RFC 2576 §4.1.2.3).
        response.errorStatus = noSuchName
        response.errorIndex = missing + 1
        response.varbinds = request.pdu.varbinds
      } else {
        response.varbinds = answers.map((answer) => variableOf(answer, netSnmp.ObjectType))
      }
      agent.sendResponse(from, rinfo, request, response)
    }
  const oidsOf = (pdu: RequestPdu) => pdu.varbinds.map(({ oid }) => oidOf(oid))
  agent.getRequest = answering((pdu, view) => oidsOf(pdu).map(view.get))
  agent.getNextRequest = answering((pdu, view) => oidsOf(pdu).map(view.next))
  agent.getBulkRequest = answering((pdu, view) =>
    view.bulk(oidsOf(pdu), Math.max(0, pdu.nonRepeaters), Math.max(0, pdu.maxRepetitions), mostVariables),
  )
  agent.setRequest = (from, request, rinfo) => {
    const response = request.pdu.getResponsePduForRequest()
    Object.assign(response, { errorStatus: notWritable, errorIndex: 1, varbinds: request.pdu.varbinds })
    agent.sendResponse(from, rinfo, request, response)
  }
  return { close: gate.end }
}

async function listen({ address, port }: AgentOptions): Promise<Socket> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port, address)
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw new FaultlineError(
      'LISTEN_FAILED',
      `UDP ${address}:${port}: ${messageOf(error)}`,
      {},
      { cause: error },
    )
  }
}

/** Stands between net-snmp and its socket: drops and delays requests as the way to the element does. */
function createGate(socket: Socket, { reachability, log }: AgentOptions) {
  const underWay = new Set<NodeJS.Timeout>()
  let closed = false
  socket.on('error', (error) => log.warn({ err: error.message }, 'snmp agent socket failed'))

  return {
    on(event: string, listener: (message: Buffer, from: RemoteInfo) => void) {
      if (event !== 'message') return
      socket.on('message', (message, from) => {
        const path = reachability()
        if (path === undefined || Math.random() < path.lossRatio) return
        const timer = setTimeout(() => {
          underWay.delete(timer)
          try {
            listener(message, from)
          } catch (error) {
            log.debug({ err: messageOf(error) }, 'snmp request dropped')
          }
        }, path.delayMs)
        underWay.add(timer)
      })
    },
    bind() {},
    send(message: Buffer, offset: number, length: number, port: number, address: string, done: () => void) {
      if (closed) return done()
      socket.send(message, offset, length, port, address, (error) => {
        if (error) log.debug({ err: error.message }, 'snmp answer not sent')
        done()
      })
    },
    end(): Promise<void> {
      if (closed) return Promise.resolve()
      closed = true
      for (const timer of underWay) clearTimeout(timer)
      return new Promise((resolve) => socket.close(() => resolve()))
    },
  }
}

function variableOf(answer: Answer, types: NetSnmp['ObjectType']): Variable {
  const oid = answer.oid.join('.')
  const type = types[answer.type] ?? 0
  if (!('value' in answer)) return { oid, type, value: null }
  return { oid, type, value: answer.type === 'Counter64' ? counter64(answer.value) : answer.value }
}

/** BER of an unsigned number: net-snmp takes the bytes as they are, so they must be the fewest and not look negative. */
function counter64(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes])
}

/** The part of net-snmp's agent that is used here; it has no types of its own. */
interface NetSnmp {
  readonly Version1: number
  readonly ObjectType: Readonly<Record<string, number>>
  readonly SecurityLevel: { readonly authPriv: number }
  readonly AuthProtocols: { readonly sha256: string }
  readonly PrivProtocols: { readonly aes: string }
  createAgent(options: object, callback: (error: unknown) => void): NetSnmpAgent
}

interface NetSnmpAgent {
  readonly engine: { engineBoots: number }
  getRequest: Responder
  getNextRequest: Responder
  getBulkRequest: Responder
  setRequest: Responder
  getAuthorizer(): { addCommunity(community: string): void; addUser(user: object): void }
  sendResponse(socket: unknown, rinfo: RemoteInfo, request: RequestMessage, response: ResponsePdu): void
}

type Responder = (socket: unknown, request: RequestMessage, rinfo: RemoteInfo) => void

interface Variable {
  readonly oid: string
  readonly type: number
  readonly value: unknown
}

interface RequestPdu {
  readonly varbinds: readonly Variable[]
  readonly nonRepeaters: number
  readonly maxRepetitions: number
  getResponsePduForRequest(): ResponsePdu
}

interface RequestMessage {
  readonly version: number
  readonly pdu: RequestPdu
}

interface ResponsePdu {
  errorStatus: number
  errorIndex: number
  varbinds: readonly Variable[]
}
