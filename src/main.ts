import { readFileSync } from 'node:fs'
import { runProgram } from './commands/program.ts'
import { exitCodes, processTerminal } from './commands/terminal.ts'
import { systemClock } from './platform/clock.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)

// Whoever read our output has seen enough (`faultline schema | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  process.exitCode = await runProgram(process.argv.slice(2), {
    version,
    env: process.env,
    terminal: processTerminal,
    clock: systemClock,
    signals: process,
    exit: (code) => process.exit(code),
  })
} catch (error) {
  processTerminal.error(`faultline: ${error instanceof Error ? error.stack : String(error)}`)
  process.exitCode = exitCodes.failed
}
