const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `90s`, `4w`, `1h30m`, `-1h`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  if (!/^-?(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)
  const sum = [...parts].reduce((ms, [, count, unit]) => ms + Number(count) * (unitMs[unit ?? ''] ?? 0), 0)
  return text.startsWith('-') ? -sum : sum
}

/** `01:02:03` and `26:00:00` as ms; undefined for anything else. */
export function offsetMs(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(\d{2,3}):([0-5]\d):([0-5]\d)$/.exec(text) ?? []
  return hours === undefined
    ? undefined
    : Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000
}

/** `-00:00:05`, `00:00:05`. */
export function offsetText(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const text = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return ms < 0 ? `-${text}` : text
}

/** `20%` and `12.5%` as a ratio; undefined for anything else. */
export function ratioOf(text: string): number | undefined {
  const [, value] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
  return value === undefined ? undefined : Number(value) / 100
}

/** `1Gbps` as bit/s; undefined for anything else. */
export function bitRateOf(text: string): number | undefined {
  const [, value, unit] = /^(\d+(?:\.\d+)?)([kMG])bps$/.exec(text) ?? []
  const factor = { k: 1e3, M: 1e6, G: 1e9 }[unit ?? '']
  return factor === undefined ? undefined : Number(value) * factor
}
