import { currentLanguage } from './words.ts'

const locale = () => (currentLanguage() === 'zh' ? 'zh-CN' : 'en-GB')

/** Time of day in the browser's zone; with the date when it is not today. */
export function clockTime(iso: string, now = Date.now()): string {
  const at = new Date(iso)
  const sameDay = at.toDateString() === new Date(now).toDateString()
  const day = sameDay ? {} : ({ month: 'short', day: 'numeric' } as const)
  return at.toLocaleTimeString(locale(), { hour12: false, ...day })
}

/** `42 s`, `3 min 05 s`, `2 h 14 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  const zh = currentLanguage() === 'zh'
  const [sec, min, hour, day] = zh ? ['秒', '分', '小时', '天'] : [' s', ' min', ' h', ' d']
  const gap = zh ? '' : ' '
  if (s < 60) return `${s}${sec}`
  if (s < 3600) return `${Math.floor(s / 60)}${min}${gap}${String(s % 60).padStart(2, '0')}${sec}`
  if (s < 86_400) return `${Math.floor(s / 3600)}${hour}${gap}${Math.floor((s % 3600) / 60)}${min}`
  return `${Math.floor(s / 86_400)}${day}${gap}${Math.floor((s % 86_400) / 3600)}${hour}`
}

/** Bits a second with a decimal prefix: `1.23 Gbit/s`. */
export function bitRate(bps: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T'] as const
  let value = bps
  let step = 0
  while (Math.abs(value) >= 1000 && step < prefixes.length - 1) {
    value /= 1000
    step++
  }
  return `${value >= 100 || step === 0 ? Math.round(value) : value.toPrecision(3)} ${prefixes[step] ?? ''}bit/s`
}

/** The same for an axis, where room is short: `1.2G`. */
export const bitRateTick = (bps: number): string => bitRate(bps).replace(/ ?([kMGT]?)bit\/s$/, '$1')

/** Text with its RFC 3339 times as times of day here: sentences of the daemon are in UTC. */
export const withLocalTimes = (text: string): string =>
  text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => clockTime(time))
