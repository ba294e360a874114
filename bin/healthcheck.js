#!/usr/bin/env node
// Exits 0 when the daemon says that it is alive: the image's health check.
const url = process.env.FAULTLINE_HEALTH_URL ?? 'http://127.0.0.1:8080/healthz'
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(3_000) })
  process.exit(response.ok ? 0 : 1)
} catch (error) {
  console.error(`${url}: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}
