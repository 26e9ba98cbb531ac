// A field of light in the terminal. Edit it while it runs: time goes on, the drops stay where they are.
import { light, rain } from './field.ts'
import { ink } from './ink.ts'

const rows = 16
let time = 0
const speed = 1

function picture(columns: number): string {
  const lines: string[] = []
  for (let y = 0; y < rows; y++) {
    let line = ''
    for (let x = 0; x < columns; x++) line += ink(light((x / columns) * 2 - 1, (y / rows) * 2 - 1, time))
    lines.push(line)
  }
  return lines.join('\n')
}

function draw(): void {
  const { columns = 80, rows: all = 24 } = process.stdout
  // The picture keeps the upper rows; what regrow says scrolls below them.
  const keepBelow = `\x1b[${rows + 1};${all}r`
  process.stdout.write(`\x1b7${keepBelow}\x1b[H${picture(columns - 1)}\x1b8`)
}

process.stdout.write(`\x1b[2J\x1b[${rows + 2}H`)
// All rows scroll again.
process.on('exit', () => process.stdout.write('\x1b7\x1b[r\x1b8'))

setInterval(() => {
  time += 0.05 * speed
  rain.fall(0.05 * speed)
  draw()
}, 50)
