// What a brightness looks like.
const shades = ' .:-=+*#%@'

export function ink(light: number): string {
  const index = Math.floor(Math.max(0, Math.min(0.999, light)) * shades.length)
  return shades[index]!
}
