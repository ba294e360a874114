#!/usr/bin/env -S node --max-semi-space-size=4
// scripts/memory.mjs says why with that option.
// Plain JavaScript that any Node since 14 understands, so that an old one is told what is missing and not shown a
// syntax error. Runs the compiled program where there is one (an installed package, the image), else the source.
import { existsSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

const needed = 24
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Faultline needs Node.js ${needed} or newer; this is ${process.versions.node} (${process.execPath}).`,
  )
  process.exitCode = 1
} else {
  // What lives long hardly changes, so V8 need not let it grow by half before it looks for what is done with: 1,000
  // elements with 50,000 interfaces take 50 MB less. NODE_OPTIONS does not allow it, so it is not in memory.mjs.
  setFlagsFromString('--heap-growing-percent=20')
  const compiled = new URL('../dist/main.js', import.meta.url)
  const source = new URL('../src/main.ts', import.meta.url)
  await import((existsSync(compiled) ? compiled : source).href)
}
