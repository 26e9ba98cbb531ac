// The least that can be done: imports a changed file under a new name at the first event. Importers do not see it.
import { readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { answer } from './link.js'
import { at } from './src/root.js'

const latest = new Map()
let imports = 0

async function load(file) {
  try {
    const module = await import(`${pathToFileURL(file).href}?v=${++imports}`)
    // A file that is being written may be empty.
    if (module.tell) latest.set(file, module.tell)
  } catch {
    // The next event brings the rest of it.
  }
}

const top = join(process.cwd(), 'src')
for (const directory of [top, ...readdirSync(top, { withFileTypes: true }).filter(each => each.isDirectory())]) {
  const path = directory === top ? top : join(top, directory.name)
  watch(path, (_, name) => load(join(path, name)))
}

answer(() => (path, depth, file) => latest.get(file) ?? at(path, depth))
