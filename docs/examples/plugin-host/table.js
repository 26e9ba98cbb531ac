// The live table: one line for each plugin, written over the last one on a terminal.

const columns = { plugin: 12, state: 24, version: 9, calls: 7, heap: 14, says: 40 }
let isFirst = true

export async function showTable(rows) {
  const lines = [line(Object.fromEntries(Object.keys(columns).map(name => [name, name])))]
  for (const row of rows) lines.push(line({ ...row, version: versionOf(row), heap: await heapOf(row) }))
  if (process.stdout.isTTY && !isFirst) process.stdout.write(`\u001b[${lines.length}A\u001b[J`)
  isFirst = false
  console.log(lines.join('\n'))
}

const line = row =>
  Object.entries(columns)
    .map(([name, width]) =>
      String(row[name] ?? '')
        .slice(0, width - 1)
        .padEnd(width),
    )
    .join('')
    .trimEnd()

const versionOf = ({ program }) => program?.modules()[0]?.version ?? ''

async function heapOf({ program }) {
  try {
    const { heapBytes, heapLimit } = await program.stats()
    return `${(heapBytes / 1e6).toFixed(1)} of ${(heapLimit / 1e6).toFixed()} MB`
  } catch {
    return '–'
  }
}
