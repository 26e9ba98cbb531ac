// How bright each place is, from 0 to 1. `x` and `y` go from -1 to 1, `t` counts seconds.

export function light(x: number, y: number, t: number): number {
  return 0.7 * wave(x, y, t) + 0.5 * rain.at(x, y)
}

function wave(x: number, y: number, t: number): number {
  return 0.5 + 0.5 * Math.sin(6 * x + 2 * y + t)
}

class Rain {
  drops = [0.1, 0.5, 0.9].map((start, index) => ({ x: -0.7 + 0.7 * index, y: start }))

  fall(seconds: number): void {
    for (const drop of this.drops) {
      drop.y += 0.6 * seconds
      if (drop.y > 1.2) {
        drop.y = -1.2
        drop.x = Math.random() * 2 - 1
      }
    }
  }

  at(x: number, y: number): number {
    let sum = 0
    for (const drop of this.drops) sum += 0.01 / ((x - drop.x) ** 2 + (y - drop.y) ** 2 + 0.005)
    return Math.min(1, sum)
  }
}

export const rain = new Rain()
