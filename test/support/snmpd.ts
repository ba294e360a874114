import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Snmpd extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Ends the agent without a word, as a power cut does. */
  kill(): Promise<void>
  /** Starts it again on the same port; its snmpEngineBoots goes up. */
  revive(): Promise<void>
  /** Loses what it kept, snmpEngineBoots among it; not while it runs. */
  forget(): Promise<void>
}

export interface SnmpdOptions {
  /** It is told as sysName, and asked for first, so that it is this agent that answers and no other. */
  readonly name: string
  /** Lines of snmpd.conf; the community is `test`. `createUser` lines go here too. */
  readonly config?: readonly string[]
  readonly address?: string
}

async function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

/** A real snmpd (Net-SNMP) on a free port, with a folder of its own for what it keeps. */
export async function startSnmpd({ name, config = [], address = '127.0.0.1' }: SnmpdOptions): Promise<Snmpd> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-snmpd-'))
  const file = join(folder, 'snmpd.conf')
  // snmpd keeps its engineBoots there in a file of the same name, and with -C reads only what it is told to.
  const kept = join(folder, 'kept')
  const port = await freeUdpPort(address)
  const where = address.includes(':') ? `udp6:[${address}]:${port}` : `udp:${address}:${port}`
  const lines = ['rocommunity test', 'rocommunity6 test', `sysName ${name}`, 'sysLocation rack 1', ...config]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  let child: ChildProcess | undefined

  const askName = async () => {
    const options = ['-v2c', '-c', 'test', '-t', '0.2', '-r', '0', '-Oqv', where, '1.3.6.1.2.1.1.5.0']
    const { stdout } = await run('snmpget', options)
    return stdout.trim().replaceAll('"', '')
  }

  const start = async () => {
    const started = spawn(
      'snmpd',
      [
        '-f',
        '-C',
        '-c',
        `${file},${join(kept, 'snmpd.conf')}`,
        '-Lo',
        '-I',
        '-smux',
        '-p',
        join(folder, 'pid'),
        where,
      ],
      {
        stdio: 'ignore',
        env: { PATH: process.env.PATH, SNMP_PERSISTENT_DIR: kept, MIBS: '' },
      },
    )
    child = started
    for (let tries = 0; ; tries++) {
      const told = await askName().catch(() => undefined)
      if (told === name) return
      if (told !== undefined) throw new Error(`another agent answers on port ${port}: ${told}`)
      if (started.exitCode !== null || tries > 50)
        throw new Error(`snmpd did not start (${lines.join('; ')})`)
    }
  }

  const kill = async () => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = once(ending, 'exit')
    ending.kill('SIGKILL')
    await gone
  }

  const stop = async () => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  const forget = () => rm(kept, { recursive: true, force: true })
  return { address, port, kill, revive: start, forget, [Symbol.asyncDispose]: stop }
}
