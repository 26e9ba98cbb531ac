// It tries to get out, then to take the processor with it. The others do not notice.
let turn = 0

export function tick() {
  turn++
  if (turn === 1) return `process is ${typeof tick.constructor('return this')().process}`
  if (turn === 2) return console.log('\u001b[2J the screen is mine')
  return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)
}
