import type { FaultlineError } from '../platform/errors.ts'

/** Where a command writes: results on stdout, everything said about them on stderr. */
export interface Terminal {
  out(text: string): void
  error(text: string): void
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
}

/** What a command says when it failed: what happened, and the code that `docs/errors.md` explains. */
export const failureText = ({ message, code }: FaultlineError): string => `${message} (${code})`

/** Exit codes, after sysexits.h where it has one. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** Wrong arguments (EX_USAGE). */
  usage: 64,
  /** The configuration is not valid (EX_CONFIG). */
  config: 78,
} as const
