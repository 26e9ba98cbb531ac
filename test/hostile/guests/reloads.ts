// What a guest does to its own next edit, and an edit to the program. The edit is rejected or applied; the program answers after it.
import type { Program } from '../../../host/api.js'
import type { End, Guest } from '../guest.js'

const good = 'export const state = { n: 0 }\nexport function attack() { return ++state.n }\n'

/** Edits `main.js` from the good version with a line before or after it. */
function edit(title: string, before: string, after: string, ends: readonly End[]): Guest {
  return {
    title,
    source: before + good,
    ends,
    act: async program => {
      await program.call('attack')
      const { outcome, error } = await program.update({ 'main.js': `${before}${good}${after}` })
      if (outcome === 'rejected') {
        // The version of before runs on; if it had to be started again, without its state.
        const again = await program.call('attack')
        if (again !== 1 && again !== 2) throw new Error(`the program answers ${again} after it`)
        throw error
      }
      return program.call('attack')
    },
  }
}

const redefined = (what: readonly string[]) =>
  edit(
    `${what.join(', ')} redefined before an edit`,
    what.map(each => `${each} = () => { throw new Error('redefined') }\n`).join(''),
    'export const more = 1',
    ['value'],
  )

async function flood(program: Program): Promise<unknown> {
  const all = Array.from({ length: 50 }, (_, index) =>
    program.update({ 'main.js': `${good}export const v = ${index}` }),
  )
  return (await Promise.all(all)).every(({ outcome }) => outcome !== 'rejected')
}

export const reloads: readonly Guest[] = [
  ...[
    ['Array.prototype.push', 'Array.prototype.map', 'Array.prototype[Symbol.iterator]'],
    ['Map.prototype.get', 'Map.prototype.set', 'Map.prototype.forEach'],
    ['WeakMap.prototype.get', 'Object.defineProperty', 'Object.getOwnPropertyDescriptor'],
    ['Object.create', 'Reflect.ownKeys', 'Reflect.apply'],
    ['Function.prototype.call', 'Function.prototype.apply', 'Function.prototype.bind'],
    ['JSON.parse', 'JSON.stringify', 'Promise.prototype.then'],
    ['String.prototype.startsWith', 'String.prototype.slice', 'globalThis.eval'],
    ['globalThis.Map', 'globalThis.Promise', 'globalThis.Proxy'],
    ['globalThis.Function', 'Object.prototype.hasOwnProperty'],
    ['Object.prototype.toString', 'Symbol.prototype.toString', 'Array.isArray', 'globalThis.Object'],
  ].map(redefined),
  edit(
    'Object.prototype with names of the protocol',
    'for (const name of ["run", "meta", "text", "waitsFor", "when", "isAsync", "value", "get"]) Object.prototype[name] ??= () => { throw 1 }\n',
    'export const more = 1',
    ['value', 'ERR_REGROW_EVALUATE', 'ERR_REGROW_EXIT'],
  ),
  edit(
    'Array.prototype with an index',
    'Object.defineProperty(Array.prototype, 0, { get() { throw 1 }, set() { throw 1 }, configurable: true })\n',
    'export const more = 1',
    ['value', 'ERR_REGROW_EVALUATE', 'ERR_REGROW_EXIT'],
  ),
  edit('the global object frozen', 'Object.freeze(globalThis)\n', 'export const more = 1', [
    'value',
    'ERR_REGROW_EVALUATE',
  ]),
  edit(
    'the intrinsics frozen',
    'for (const each of [Object, Array, Map, Function, Promise]) { Object.freeze(each); Object.freeze(each.prototype) }\n',
    'export const more = 1',
    ['value'],
  ),
  edit('an edit that loops', '', 'for (;;);', ['ERR_REGROW_TIMEOUT']),
  edit('an edit that awaits for ever', '', 'await new Promise(() => {})', ['ERR_REGROW_TIMEOUT']),
  edit('an edit that allocates', '', 'const a = []; for (;;) a.push([1, 2, 3])', [
    'ERR_REGROW_MEMORY',
    'ERR_REGROW_TIMEOUT',
    'ERR_REGROW_EXIT',
  ]),
  edit('an edit with an uninterruptible builtin', '', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)', [
    'ERR_REGROW_TIMEOUT',
  ]),
  edit('an edit that throws a getter', '', 'throw { get message() { throw 1 } }', ['ERR_REGROW_EVALUATE']),
  edit('an edit that throws a looping getter', '', 'throw { get message() { for (;;); } }', [
    'ERR_REGROW_TIMEOUT',
    'ERR_REGROW_EVALUATE',
  ]),
  edit('an edit that throws a proxy', '', 'throw new Proxy({}, { get() { throw 1 } })', ['ERR_REGROW_EVALUATE']),
  edit(
    'an edit whose initialiser is a getter of a proxy',
    '',
    'export const p = new Proxy(class {}, { get() { throw 1 } }); export class B extends p {}',
    ['ERR_REGROW_EVALUATE'],
  ),
  edit('an edit that imports a builtin', '', 'import "node:fs"', ['ERR_REGROW_DENIED']),
  edit('an edit that leaves the wrapper', '', '}); (0, eval)("globalThis.left = 1"); (function () {', [
    'ERR_REGROW_BUILD',
  ]),
  edit('an edit that names its source', '', '//# sourceURL=/etc/passwd\nexport const more = 1', ['value']),
  edit('an edit with a source map', '', 'export const more = 1\n//# sourceMappingURL=file:///etc/passwd', ['value']),
  edit('an edit that uses names of generated code', '', 'export const $_k = 1, $_ = 2, $_c = 3', ['value']),
  { title: 'fifty edits at once', source: good, ends: ['value'], act: flood, gives: true },
]
