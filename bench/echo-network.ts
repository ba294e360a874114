import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const device = 'far0'

/** Element n of the far network. */
export const farAddressOf = (n: number): string => `198.18.${n >> 8}.${n & 255}`

/** Whether this process can have one: root in a network namespace of its own, a TUN device, a C compiler. */
export function canHaveFarNetwork(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('cc', ['--version']).status !== 0) return false
  // Not where traffic could leave the machine.
  const links = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout ?? ''
  if (links.split('\n').some((line) => /^\d+: (?!lo:|far0:)/.test(line))) return false
  try {
    accessSync('/dev/net/tun')
    return true
  } catch {
    return false
  }
}

/** Elements that answer ICMP echo requests after some time, in a process of its own behind a TUN device. */
export async function startFarNetwork(delayMs: number): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
  const program = join(folder, 'echo-network')
  const commands = [
    `cc -O2 -o ${program} ${join(import.meta.dirname, 'echo-network.c')}`,
    `ip tuntap add dev ${device} mode tun`,
    `ip link set ${device} txqueuelen 20000 up`,
    `ip addr add 198.19.255.1/32 dev ${device}`,
    `ip route add 198.18.0.0/16 dev ${device}`,
  ]
  const { status, stderr } = spawnSync('sh', ['-ec', commands.join('\n')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`no far network: ${stderr}`)
  const child = spawn(program, [device, String(delayMs)], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return async () => {
    const ended = once(child, 'exit')
    child.stdin.end()
    await ended
    rmSync(folder, { recursive: true })
  }
}
