// Whole libraries run as guest files: they answer as they do natively, and their deepest files can be edited.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Host, ModuleInfo, Program, ReloadReport } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { realms } from '../support/program.js'
import { dateFns, type Library, lodash } from './libraries.js'
import { packageDirectory, TemporaryRoot } from './temporary-root.js'

/** Counts what it is asked: the state that edits of the library must leave alone. */
const entry = (face: string) => `
  import * as library from './library/${face}'
  import { answers } from './answers.js'
  let asked = 0
  export function all() {
    asked++
    return answers(library)
  }
  export function ask(use) {
    asked++
    return use(library)
  }
  export const count = () => asked
  export const namespace = library
`

/** How many imports lead from the entry to each module, by the shortest way. */
function depths(modules: readonly ModuleInfo[], entry: string): Map<string, number> {
  const byId = new Map(modules.map(module => [module.id, module]))
  const found = new Map([[entry, 0]])
  for (const [id, depth] of found) {
    for (const below of byId.get(id)!.imports) if (!found.has(below)) found.set(below, depth + 1)
  }
  return found
}

/** The modules that are farthest from the entry. */
function deepest(modules: readonly ModuleInfo[], entry: string): string[] {
  const found = depths(modules, entry)
  const most = Math.max(...found.values())
  return [...found].filter(([, depth]) => depth === most).map(([id]) => id)
}

/** Runs a library in a realm, and gives what a case needs of it. */
function useLibrary(library: Library, realm: (typeof realms)[number]) {
  let root: TemporaryRoot
  let host: Host
  let program: Program
  before(async function () {
    this.timeout(20_000)
    root = new TemporaryRoot({
      'package.json': '{ "type": "module" }',
      'answers.js': library.answers,
      'main.js': entry(library.face),
    })
    root.copyPackage(library.name, 'library', path => library.isWanted(path))
    host = createHost({ root: root.path, realm, watch: false })
    program = await host.run('./main.js')
  })
  after(async () => {
    await host?.close()
    root?.remove()
  })
  return {
    get program() {
      return program
    },
    read: (id: string) => readFileSync(join(root.path, id), 'utf8'),
    /** Edits files (text found, text instead), reloads, and prints how long that took. */
    async edit(edits: Readonly<Record<string, readonly [before: string, after: string]>>): Promise<ReloadReport> {
      for (const [id, [before, after]] of Object.entries(edits)) {
        const text = readFileSync(join(root.path, id), 'utf8')
        assert.ok(text.includes(before), `${id} has no ${before}`)
        root.write({ [id]: text.replace(before, after) })
      }
      const report = await program.reload()
      assert.equal(report.outcome, 'applied', report.error?.message)
      const { build, link, apply, total } = report.timing
      const parts = [build, link, apply].map(each => each.toFixed(1)).join(' + ')
      console.log(
        `      reload of ${library.name} in ${realm}: ${total.toFixed(1)} ms (build + link + apply: ${parts})`,
      )
      return report
    },
    /** An answer as data of the test's own realm. */
    async ask(use: (library: any) => unknown): Promise<any> {
      return structuredClone(await program.call('ask', use))
    },
  }
}

function answersAsNatively(library: Library, used: ReturnType<typeof useLibrary>): void {
  it(`runs more than ${library.least} modules and answers as natively`, async () => {
    assert.ok(used.program.modules().length > library.least, `${used.program.modules().length} modules`)
    const native = await import(pathToFileURL(join(packageDirectory(library.name), library.face)).href)
    const { answers } = await import(`data:text/javascript,${encodeURIComponent(library.answers)}`)
    const expected = structuredClone(answers(native))
    const actual = structuredClone(await used.program.call('all')) as Record<string, unknown>
    assert.ok(Object.keys(expected).length >= 20)
    for (const name of Object.keys(expected)) assert.deepEqual(actual[name], expected[name], name)
    assert.deepEqual(Object.keys(used.program.exports.namespace), Object.keys(native))
  })
}

for (const realm of realms) {
  describe(`lodash-es in realm ${realm}`, () => {
    const used = useLibrary(lodash, realm)
    answersAsNatively(lodash, used)

    /** Whether a clone shares what the original shared: the lookup by key decides that. */
    const sharing = (_: any) => {
      const shared = {}
      const { a, b } = _.cloneDeep({ a: shared, b: shared })
      return a === b
    }

    it('gives another answer after an edit of its deepest function, keeps its state, and takes the edit back', async () => {
      const { program } = used
      const file = 'library/_assocIndexOf.js'
      assert.ok(deepest(program.modules(), 'main.js').includes(file))
      const firstId = Number(await used.ask(_ => _.uniqueId()))
      assert.equal(await used.ask(sharing), true)
      const { namespace } = program.exports
      const { cloneDeep } = namespace
      const asked = Number(await program.call('count'))

      const report = await used.edit({ [file]: ['var length = array.length;', 'var length = 0;'] })
      assert.deepEqual(
        report.modules.map(module => [module.id, module.version, module.patched, module.evaluated]),
        [[file, 2, ['assocIndexOf'], []]],
      )
      assert.equal(await used.ask(sharing), false)
      assert.equal(sharing({ cloneDeep }), false)
      assert.equal(await used.ask(_ => _.uniqueId()), String(firstId + 1))
      assert.equal(await program.call('count'), asked + 2)
      assert.equal(program.exports.namespace, namespace)
      assert.equal(namespace.cloneDeep, cloneDeep)

      const undone = await program.undo()
      assert.equal(undone.outcome, 'applied', undone.error?.message)
      assert.equal(await used.ask(sharing), true)
      assert.equal(await used.ask(_ => _.uniqueId()), String(firstId + 2))
      assert.equal(await program.call('count'), asked + 4)
    })

    it('evaluates anew no more than an edit of its bottom value reaches', async () => {
      const { program } = used
      const report = await used.edit({
        'library/_freeGlobal.js': [`var freeGlobal = typeof global`, `var freeGlobal = 0 && typeof global`],
      })
      // What names it directly; `root` finds the same global object in another way, so all above it is left alone.
      assert.deepEqual(Object.fromEntries(report.modules.map(module => [module.id, module.evaluated])), {
        'library/_freeGlobal.js': ['freeGlobal', 'default'],
        'library/_root.js': ['root'],
        'library/_nodeUtil.js': ['freeProcess'],
      })
      assert.equal(await used.ask(sharing), true)
      const undone = await program.undo()
      assert.equal(undone.outcome, 'applied', undone.error?.message)
    })
  })

  describe(`date-fns in realm ${realm}`, () => {
    const used = useLibrary(dateFns, realm)
    answersAsNatively(dateFns, used)

    it('gives another answer after an edit of its deepest function and of data made with it, and takes both back', async () => {
      const { program } = used
      const builder = 'library/locale/_lib/buildLocalizeFn.js'
      const data = 'library/locale/en-US/_lib/localize.js'
      assert.ok(deepest(program.modules(), 'main.js').includes(builder))
      const month = (_: any) => _.format(new Date(2026, 0, 31), 'MMMM')
      assert.equal(await used.ask(month), 'January')
      const { format } = program.exports.namespace
      const asked = Number(await program.call('count'))

      // What the builder returned before keeps its body; the edit of the months has it called again.
      const report = await used.edit({
        [builder]: ['return valuesArray[index];', `return valuesArray[index] + '!';`],
        [data]: ['"January"', '"Hartung"'],
      })
      assert.deepEqual(report.modules.find(module => module.id === builder)?.patched, ['buildLocalizeFn'])
      assert.equal(await used.ask(month), 'Hartung!')
      assert.equal(format(new Date(2026, 0, 31), 'MMMM'), 'Hartung!')
      assert.equal(program.exports.namespace.format, format)
      assert.equal(await program.call('count'), asked + 1)

      const undone = await program.undo()
      assert.equal(undone.outcome, 'applied', undone.error?.message)
      assert.equal(await used.ask(month), 'January')
      assert.equal(await program.call('count'), asked + 2)
    })
  })
}
