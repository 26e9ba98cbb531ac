// Draws lines as SVG: axes, a grid, and each line's name at its end.

export interface Chart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
}

export interface Axis {
  readonly label: string
  readonly scale: 'log' | 'linear'
}

export interface Series {
  readonly name: string
  readonly color: string
  /** The thing that the chart is about. */
  readonly bold: boolean
  readonly points: readonly (readonly [x: number, y: number])[]
}

const width = 860
const height = 480
const margin = { top: 44, right: 150, bottom: 48, left: 78 }
const right = width - margin.right
const bottom = height - margin.bottom
const lineHeight = 15

interface Scale {
  readonly ticks: readonly number[]
  /** @returns a place between 0 and 1 */
  at(value: number): number
}

export function drawChart({ title, x, y, series }: Chart): string {
  const points = series.flatMap(each => each.points)
  const xScale = createScale(
    x,
    points.map(point => point[0]),
  )
  const yScale = createScale(
    y,
    points.map(point => point[1]),
  )
  const left = (value: number) => margin.left + xScale.at(value) * (right - margin.left)
  const top = (value: number) => bottom - yScale.at(value) * (bottom - margin.top)
  const shapes = [
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(margin.left, 24, title, 'font-size="15" font-weight="600"'),
    ...xScale.ticks.map(
      tick =>
        line(left(tick), margin.top, left(tick), bottom) +
        text(left(tick), bottom + 18, number(tick), 'text-anchor="middle"'),
    ),
    ...yScale.ticks.map(
      tick =>
        line(margin.left, top(tick), right, top(tick)) +
        text(margin.left - 8, top(tick) + 4, number(tick), 'text-anchor="end"'),
    ),
    text((margin.left + right) / 2, height - 10, x.label, 'text-anchor="middle"'),
    text(0, 0, y.label, `text-anchor="middle" transform="translate(16 ${(margin.top + bottom) / 2}) rotate(-90)"`),
    ...series.map(each => drawSeries(each, left, top)),
    ...drawNames(series, left, top),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#222222">
<title>${escapeText(title)}</title>
${shapes.join('\n')}
</svg>
`
}

function createScale({ scale }: Axis, values: readonly number[]): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (scale === 'log') {
    const [first, last] = [
      Math.floor(Math.log10(least)),
      Math.max(Math.ceil(Math.log10(most)), Math.floor(Math.log10(least)) + 1),
    ]
    const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
    return { ticks, at: value => (Math.log10(value) - first) / (last - first) }
  }
  const step = niceStep((most - least) / 5)
  const [first, last] = [Math.floor(least / step), Math.max(Math.ceil(most / step), Math.floor(least / step) + 1)]
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  return { ticks, at: value => (value / step - first) / (last - first) }
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough || 1))
  return power * ([1, 2, 5].find(each => each * power >= rough) ?? 10)
}

function drawSeries({ points, color, bold }: Series, left: (x: number) => number, top: (y: number) => number): string {
  const places = points.map(([x, y]) => `${left(x).toFixed(1)},${top(y).toFixed(1)}`)
  const dots =
    points.length > 8
      ? []
      : places.map(
          place =>
            `<circle cx="${place.split(',')[0]}" cy="${place.split(',')[1]}" r="${bold ? 4 : 3}" fill="${color}"/>`,
        )
  return `<polyline points="${places.join(' ')}" fill="none" stroke="${color}" stroke-width="${bold ? 3 : 1.6}" stroke-linejoin="round"/>${dots.join('')}`
}

/** Beside the ends of their lines, moved apart where these are close. */
function drawNames(series: readonly Series[], left: (x: number) => number, top: (y: number) => number): string[] {
  const ends = series
    .flatMap(each => {
      const end = each.points.at(-1)
      return end ? { ...each, x: left(end[0]), y: top(end[1]), at: 0 } : []
    })
    .sort((one, other) => one.y - other.y)
  let before = margin.top - lineHeight
  for (const end of ends) before = end.at = Math.max(end.y, before + lineHeight)
  const over = Math.max(0, before - bottom)
  return ends.map(({ name, color, bold, x, y, at }, index) => {
    // What was pushed below the axis moves up again, without passing those above.
    const place = Math.max(at - over, margin.top + index * lineHeight)
    const leader = `<line x1="${x + 5}" y1="${y.toFixed(1)}" x2="${right + 12}" y2="${place.toFixed(1)}" stroke="${color}" stroke-width="0.7" stroke-dasharray="2 3"/>`
    return leader + text(right + 15, place + 4, name, `fill="${color}"${bold ? ' font-weight="700"' : ''}`)
  })
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#dddddd"/>`
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escapeText(content)}</text>`
}

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 2 })
}
