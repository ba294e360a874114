import type uPlotType from 'uplot'
import type { SamplesView } from '../../api/views/samples-schemas.ts'
import { t } from './words.ts'

/** Loaded by index.html as a script of its own. */
declare const uPlot: typeof uPlotType

export interface Line {
  readonly label: string
  readonly color: string
  readonly points: readonly (readonly [at: number, value: number])[]
  /** `right` has an axis of its own. */
  readonly scale: 'left' | 'right'
  readonly filled?: boolean
}

/** Epoch seconds and values; `times` multiplies (0.5 → 50 %). */
export const pointsOf = (view: SamplesView, times = 1): readonly (readonly [number, number])[] =>
  (view.series[0]?.points ?? []).map(([at, value]) => [Date.parse(at) / 1000, value * times])

/** All lines on one time axis; a time that a line lacks is a gap (null) and not a zero. */
function aligned(lines: readonly Line[], gapSeconds: number): uPlotType.AlignedData {
  const times = new Set(lines.flatMap((line) => line.points.map(([at]) => at)))
  const sorted = [...times].sort((a, b) => a - b)
  // A hole wider than two steps gets an empty point, so that no line is drawn across it.
  const axis = sorted.flatMap((at, i) => {
    const next = sorted[i + 1]
    return next !== undefined && next - at > 2 * gapSeconds ? [at, at + gapSeconds] : [at]
  })
  const columns = lines.map((line) => {
    const values = new Map(line.points)
    return axis.map((at) => values.get(at) ?? null)
  })
  return [axis, ...columns]
}

/** Time of day on the axis; the date at midnight. */
function timeTick(at: number): string {
  const time = new Date(at * 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  if (time.getHours() + time.getMinutes() + time.getSeconds() === 0)
    return `${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const seconds = time.getSeconds() === 0 ? '' : `:${two(time.getSeconds())}`
  return `${two(time.getHours())}:${two(time.getMinutes())}${seconds}`
}

/** Draws into `into`, replacing what it held. */
export function drawChart(
  into: HTMLElement,
  lines: readonly Line[],
  options: {
    readonly from: number
    readonly to: number
    readonly stepSeconds: number
    readonly left: (value: number) => string
    readonly right?: (value: number) => string
    /** For the left axis, where room is short; default `left`. */
    readonly leftTick?: (value: number) => string
  },
): void {
  into.replaceChildren()
  const axisColor = '#8b9bb4'
  const grid = { stroke: 'rgba(139,155,180,0.14)', width: 1 }
  const axis = (scale: string, show: (value: number) => string, side: 1 | 3): uPlotType.Axis => ({
    scale,
    side,
    size: 70,
    stroke: axisColor,
    grid: side === 3 ? grid : { show: false },
    values: (_, ticks) => ticks.map(show),
  })
  const chart = new uPlot(
    {
      width: Math.max(240, into.clientWidth),
      height: 190,
      cursor: { y: false },
      legend: { live: true },
      scales: {
        x: { time: true, min: options.from / 1000, max: options.to / 1000 },
        left: { range: (_, __, max) => [0, max > 0 ? max * 1.15 : 1] },
        right: { range: (_, __, max) => [0, max > 0 ? Math.max(max * 1.15, 1) : 1] },
      },
      axes: [
        { stroke: axisColor, grid, values: (_, ticks) => ticks.map(timeTick) },
        axis('left', options.leftTick ?? options.left, 3),
        ...(options.right ? [axis('right', options.right, 1)] : []),
      ],
      series: [
        { label: t('time'), value: (_: uPlotType, at: number | null) => (at === null ? '—' : timeTick(at)) },
        ...lines.map((line) => ({
          label: line.label,
          scale: line.scale,
          stroke: line.color,
          width: 1.6,
          points: { show: false },
          ...(line.filled ? { fill: `${line.color}33` } : {}),
          value: (_: uPlotType, value: number | null) =>
            value === null
              ? '—'
              : (line.scale === 'left' ? options.left : (options.right ?? options.left))(value),
        })),
      ],
    },
    aligned(lines, options.stepSeconds),
    into,
  )
  new ResizeObserver(([entry]) => {
    if (entry && into.isConnected)
      chart.setSize({ width: Math.max(240, entry.contentRect.width), height: 190 })
  }).observe(into)
}
