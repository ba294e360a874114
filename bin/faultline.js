#!/usr/bin/env node
// Plain JavaScript that any Node since 14 understands, so that an old one is told what is missing and not shown a
// syntax error. Runs the compiled program where there is one (an installed package, the image), else the source.
import { existsSync } from 'node:fs'

const needed = 24
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Faultline needs Node.js ${needed} or newer; this is ${process.versions.node} (${process.execPath}).`,
  )
  process.exitCode = 1
} else {
  const compiled = new URL('../dist/main.js', import.meta.url)
  const source = new URL('../src/main.ts', import.meta.url)
  await import((existsSync(compiled) ? compiled : source).href)
}
