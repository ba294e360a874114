import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A small ISP on one machine: a network namespace a node, veth pairs as links, the kernel's own forwarding, and in each
 * node but `nms` a real snmpd (v2c and v3) and lldpd. `nms` is where the monitor lives.
 *
 *   nms ── core1 ─┬─ agg1 ─┬─ acc1 ── cpe11, cpe12
 *                 │   │    └─ acc2 ── cpe21
 *                 └─ agg2 ─── acc3 ── cpe31          (agg1–agg2 closes the ring)
 */
export const labLinks = [
  ['nms', 'core1'],
  ['core1', 'agg1'],
  ['core1', 'agg2'],
  ['agg1', 'agg2'],
  ['agg1', 'acc1'],
  ['agg1', 'acc2'],
  ['agg2', 'acc3'],
  ['acc1', 'cpe11'],
  ['acc1', 'cpe12'],
  ['acc2', 'cpe21'],
  ['acc3', 'cpe31'],
] as const

export type LabNode = (typeof labLinks)[number][number]
const nodes = [...new Set(labLinks.flat())] as readonly LabNode[]

/** Addresses from 198.18.0.0/15, which RFC 2544 keeps for laboratories. */
export const addressOf = (node: LabNode): string => `198.18.255.${nodes.indexOf(node) + 1}`
const linkAddress = (link: number, side: 0 | 1) => `198.18.${link + 1}.${side + 1}`

export const labSecrets = {
  community: 'lab-public',
  user: 'labv3',
  auth: 'labauthpass',
  priv: 'labprivpass',
} as const

async function exists(file: string) {
  for (const tooLate = Date.now() + 10_000; !existsSync(file); await setTimeout(20)) {
    if (Date.now() > tooLate) throw new Error(`${file} did not appear`)
  }
}

const neighbours = (node: LabNode): readonly LabNode[] =>
  labLinks.flatMap(([a, b]) => (a === node ? [b] : b === node ? [a] : []))

function distances(to: LabNode): ReadonlyMap<LabNode, number> {
  const found = new Map<LabNode, number>([[to, 0]])
  for (const node of found.keys()) {
    for (const next of neighbours(node)) if (!found.has(next)) found.set(next, (found.get(node) ?? 0) + 1)
  }
  return found
}

/** Static routes: the shortest way, and loop-free alternates (RFC 5286) with a worse metric. */
function routesOf(node: LabNode): readonly string[] {
  const fromHere = distances(node)
  return nodes
    .filter((to) => to !== node)
    .flatMap((to) => {
      const metric = distances(to)
      const own = metric.get(node) ?? 0
      return neighbours(node)
        .filter((via) => (metric.get(via) ?? 0) < (fromHere.get(via) ?? 0) + own)
        .map((via) => {
          const link = labLinks.findIndex(
            (pair) => pair.includes(node as never) && pair.includes(via as never),
          )
          const gateway = linkAddress(link, labLinks[link]?.[0] === via ? 0 : 1)
          return `route replace ${addressOf(to)}/32 via ${gateway} src ${addressOf(node)} metric ${(metric.get(via) ?? 0) + 1}0`
        })
    })
}

export interface Lab {
  /** Words to put before a command so that it runs in a node. */
  in(node: LabNode): readonly string[]
  /** Starts a program in a node; it ends with the lab at the latest. */
  spawn(node: LabNode, command: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess
  /** Random loss of what a node receives from a neighbour; 1 loses everything, with the link still up. */
  loss(node: LabNode, from: LabNode, ratio: number): Promise<void>
  /** Shapes what a node sends to a neighbour, with a queue of 30,000 bytes. */
  rate(node: LabNode, to: LabNode, kbit: number): Promise<void>
  /** Undoes loss and rate. */
  heal(node: LabNode, other: LabNode): Promise<void>
  cutLink(a: LabNode, b: LabNode): Promise<void>
  mendLink(a: LabNode, b: LabNode): Promise<void>
  killAgent(node: LabNode): Promise<void>
  startAgent(node: LabNode): void
  [Symbol.asyncDispose](): Promise<void>
}

export async function startLab(): Promise<Lab> {
  const prefix = `fl${process.pid.toString(36)}`
  const folder = mkdtempSync(join(tmpdir(), 'faultline-lab-'))
  // lldpd drops its privileges and must still reach its sockets in there.
  chmodSync(folder, 0o755)
  const namespace = (node: LabNode) => `${prefix}-${node}`
  const children = new Set<ChildProcess>()
  const agents = new Map<LabNode, ChildProcess>()

  const inNode = (node: LabNode) => ['ip', 'netns', 'exec', namespace(node)] as const
  const exec = async (node: LabNode, ...command: readonly string[]) => {
    const [program, ...rest] = [...inNode(node), ...command]
    await run(program ?? 'ip', rest)
  }
  const ipBatch = (node: LabNode, lines: readonly string[]) =>
    execFileSync('ip', ['-n', namespace(node), '-batch', '-'], { input: `${lines.join('\n')}\n` })
  const start = (node: LabNode, command: string, args: readonly string[], env = process.env) => {
    const [program, ...rest] = [...inNode(node), command, ...args]
    const child = spawn(program ?? 'ip', rest, { stdio: ['ignore', 'pipe', 'pipe'], env })
    children.add(child)
    child.once('exit', () => children.delete(child))
    // Undrained pipes stop a talkative program; who wants the output listens as well.
    child.stdout?.resume()
    child.stderr?.resume()
    return child
  }
  const stop = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  function startAgent(node: LabNode) {
    const home = join(folder, node)
    mkdirSync(home, { recursive: true })
    writeFileSync(
      join(home, 'snmpd.conf'),
      [
        'agentAddress udp:161',
        `rocommunity ${labSecrets.community}`,
        `sysName ${node}`,
        'sysLocation laboratory',
        'master agentx',
        `agentXSocket ${home}/agentx`,
        `createUser ${labSecrets.user} SHA-256 ${labSecrets.auth} AES ${labSecrets.priv}`,
        `rouser ${labSecrets.user} priv`,
        'interface_replace_old yes',
      ].join('\n'),
    )
    const args = ['-f', '-Lf', join(home, 'snmpd.log'), '-C', '-c', join(home, 'snmpd.conf')]
    agents.set(node, start(node, 'snmpd', args, { ...process.env, SNMP_PERSISTENT_DIR: home }))
  }

  async function startLldp(node: LabNode) {
    const home = join(folder, node)
    // lldpd gives up on an AgentX master that is not there yet.
    await exists(join(home, 'agentx'))
    const socket = join(home, 'lldpd.sock')
    const config = join(home, 'lldpd.conf')
    const lines = [
      `configure system hostname ${node}`,
      'configure system ip management pattern 198.18.255.*',
      'configure lldp tx-interval 2',
    ]
    writeFileSync(config, `${lines.join('\n')}\n`)
    start(node, 'lldpd', [
      '-d',
      '-x',
      '-X',
      join(home, 'agentx'),
      '-u',
      socket,
      '-O',
      config,
      '-S',
      'laboratory',
    ])
  }

  async function dispose() {
    await Promise.all([...children].map(stop))
    for (const node of nodes) {
      await run('ip', ['netns', 'del', namespace(node)]).catch(() => undefined) // half-built: it may not be there
    }
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    for (const node of nodes) execFileSync('ip', ['netns', 'add', namespace(node)])
    for (const node of nodes) {
      ipBatch(node, ['link set lo up', `addr add ${addressOf(node)}/32 dev lo`])
      const settings = [
        'ip_forward=1',
        'icmp_ratelimit=0',
        'conf.all.rp_filter=0',
        'conf.default.rp_filter=0',
      ]
      const linkdown = [
        'conf.all.ignore_routes_with_linkdown=1',
        'conf.default.ignore_routes_with_linkdown=1',
      ]
      await exec(node, 'sysctl', '-qw', ...[...settings, ...linkdown].map((setting) => `net.ipv4.${setting}`))
    }
    for (const [index, [a, b]] of labLinks.entries()) {
      const ends = [
        'add',
        `to-${b}`,
        'netns',
        namespace(a),
        'type',
        'veth',
        'peer',
        `to-${a}`,
        'netns',
        namespace(b),
      ]
      execFileSync('ip', ['link', ...ends])
      ipBatch(a, [`addr add ${linkAddress(index, 0)}/30 dev to-${b}`, `link set to-${b} up`])
      ipBatch(b, [`addr add ${linkAddress(index, 1)}/30 dev to-${a}`, `link set to-${a} up`])
    }
    for (const node of nodes) ipBatch(node, routesOf(node))
    for (const node of nodes) if (node !== 'nms') startAgent(node)
    for (const node of nodes) if (node !== 'nms') await startLldp(node)
  } catch (error) {
    await dispose()
    throw error
  }

  return {
    in: inNode,
    spawn: start,
    startAgent,
    [Symbol.asyncDispose]: dispose,
    async loss(node, from, ratio) {
      const table = 'inet faultline'
      const chain = `${table} from_${from}`
      const drop = ratio >= 1 ? 'drop' : `numgen random mod 1000 < ${Math.round(ratio * 1000)} drop`
      await exec(node, 'nft', `add table ${table}`)
      await exec(node, 'nft', `add chain ${chain} { type filter hook prerouting priority -300; }`)
      await exec(node, 'nft', `flush chain ${chain}`)
      await exec(node, 'nft', `add rule ${chain} iifname "to-${from}" ${drop}`)
    },
    async rate(node, to, kbit) {
      const shape = ['tbf', 'rate', `${kbit}kbit`, 'burst', '3000', 'limit', '30000']
      await exec(node, 'tc', 'qdisc', 'replace', 'dev', `to-${to}`, 'root', ...shape)
    },
    async heal(node, other) {
      // Either of the two may not be in force.
      await exec(node, 'nft', `flush chain inet faultline from_${other}`).catch(() => undefined)
      await exec(node, 'tc', 'qdisc', 'del', 'dev', `to-${other}`, 'root').catch(() => undefined)
    },
    async cutLink(a, b) {
      await exec(a, 'ip', 'link', 'set', `to-${b}`, 'down')
    },
    async mendLink(a, b) {
      await exec(a, 'ip', 'link', 'set', `to-${b}`, 'up')
      // A link that was set down has lost its routes on that side.
      ipBatch(a, routesOf(a))
    },
    async killAgent(node) {
      const agent = agents.get(node)
      if (agent) await stop(agent)
    },
  }
}
