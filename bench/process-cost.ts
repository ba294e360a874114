import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc (USER_HZ), the same on all Linux platforms that Node runs on. */
const ticksPerSecond = 100

const statFields = (pid: number | 'self'): readonly string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program is in brackets and may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** CPU seconds (user and system) of this process with all its threads. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** CPU seconds of the children of a process that have ended. */
function endedChildrenOf(pid: number | 'self'): number {
  const fields = statFields(pid)
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/** Programs that live as long as the probe: shells that run others, and the sender of ICMP echoes. */
const lasting = ['sh\n', 'perl\n']

/**
 * CPU seconds of the programs that this process ran: of its children that have ended, and of those that last with what
 * ended in them.
 */
export function programsCpu(): number {
  const children = readdirSync('/proc/self/task')
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' '))
    .filter((pid) => pid.trim() !== '')
    .map(Number)
  const living = children.filter((pid) => lasting.includes(readFileSync(`/proc/${pid}/comm`, 'utf8')))
  return endedChildrenOf('self') + living.reduce((sum, pid) => sum + cpuOf(pid) + endedChildrenOf(pid), 0)
}

/** CPU seconds of another process. */
export function cpuOf(pid: number): number {
  const fields = statFields(pid)
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

export const fileDescriptors = (): number => readdirSync('/proc/self/fd').length

/** Datagrams that the kernel dropped because a receive buffer was full; of this network namespace. */
export function receiveBufferErrors(): number {
  const lines = readFileSync('/proc/net/snmp', 'utf8').split('\n')
  const [names = '', values = ''] = lines.filter((line) => line.startsWith('Udp:'))
  const column = names.split(' ').indexOf('RcvbufErrors')
  return Number(values.split(' ')[column] ?? Number.NaN)
}
