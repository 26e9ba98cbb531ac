// The harness that a test runs in: modules that put their names on the global object, and what a host must give them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { type Metadata, metadataOf } from './metadata.js'

/** What a test says through `print`. */
export interface Output {
  print(text: string): void
  /** Resolves once a test that is asynchronous has said how it ended. */
  readonly settled: Promise<void>
}

/** The modules of a test: an entry that imports the harness, file by file, and then the test. */
export interface Harness {
  readonly entry: string
  /** Texts by id; the ids are paths relative to the checkout at which nothing stands. */
  readonly modules: ReadonlyMap<string, string>
}

const hostObject = `
const { print: printLine, realmGlobal, collect, detach } = globalThis.harnessHost
delete globalThis.harnessHost
globalThis.print = text => printLine(String(text))
const realm262 = global => ({
  global,
  evalScript: text => global.eval(text),
  createRealm: () => realm262(realmGlobal()),
  detachArrayBuffer: buffer => { detach(buffer) },
  gc: () => { collect() },
  agent: {},
})
globalThis.$262 = realm262(globalThis)
`

export const entryId = 'regrow-entry.js'

/**
 * @param checkout the root of a checkout of test262
 * @returns the harness of a test, by its id
 */
export function createHarness(checkout: string): (id: string, test: Metadata) => Harness {
  const parts = new Map<string, string>()
  const part = (name: string): string => {
    let text = parts.get(name)
    if (text === undefined) {
      const source = readFileSync(join(checkout, 'harness', name), 'utf8')
      const names = metadataOf(source).defines
      text = `${source}\n;${names.map(each => `globalThis.${each} = ${each}`).join(';')}\n`
      parts.set(name, text)
    }
    return text
  }
  return (id, { flags, includes }) => {
    const modules = new Map([['regrow-host.js', hostObject]])
    const names = flags.has('raw')
      ? []
      : new Set(['assert.js', 'sta.js', ...(flags.has('async') ? ['doneprintHandle.js'] : []), ...includes])
    for (const name of names) modules.set(`regrow-harness/${name}`, part(name))
    const imports = [...modules.keys(), id].map(each => `import './${each}'\n`)
    modules.set(entryId, imports.join(''))
    return { entry: entryId, modules }
  }
}

/** The object that the harness finds at `harnessHost`. */
export function harnessHost(output: Output): object {
  return {
    print: (text: string) => output.print(text),
    realmGlobal: () => vm.runInContext('globalThis', vm.createContext(vm.constants.DONT_CONTEXTIFY as never)),
    detach: (buffer: ArrayBuffer) => void structuredClone(buffer, { transfer: [buffer] }),
    collect: () => globalThis.gc?.(),
  }
}
