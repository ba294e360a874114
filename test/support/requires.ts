const missing = new Set((process.env.FAULTLINE_MISSING ?? '').split(',').filter(Boolean))

/**
 * Whether these programs are here. `npm test` fails before any test when one is missing, unless it was told to go on
 * without (ALLOW_MISSING=1); then the tests that ask here are left out, and it says so.
 */
export const has = (...programs: readonly string[]): boolean =>
  programs.every((program) => !missing.has(program))

/** Network namespaces and nftables need root on Linux. */
export const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0
