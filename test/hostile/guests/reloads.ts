// What a guest does to its own next edit, and an edit to the program. The edit is rejected or applied; the program answers after it.
import type { Program } from '../../../host/api.js'
import type { End, Guest } from '../guest.js'

const spin = 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)'
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

/** Hooks of the version of before, which the edit runs. The program answers after it, if need be from a new process. */
function hooked(
  title: string,
  hook: string,
  outcomes: readonly string[],
  after = `${accept}\nexport const v = 2`,
): Guest {
  return {
    title,
    source: `${good}${hook}`,
    ends: ['value'],
    limits: short,
    act: async program => {
      const { outcome } = await program.update({ 'main.js': `${good}${after}` })
      if (!outcomes.includes(outcome)) return outcome
      // The process may end while it is asked.
      const answer = await program.call('attack').catch(() => program.call('attack'))
      return typeof answer
    },
    gives: 'number',
  }
}
const short = { cpuMs: 400, wallMs: 1500 }
const accept = 'import.meta.hot.accept()'
const either = ['applied', 'rejected']

export const reloads: readonly Guest[] = [
  hooked('a dispose hook that loops', `${accept}; import.meta.hot.dispose(() => { for (;;); })`, ['rejected']),
  hooked(
    'a dispose hook that throws a proxy',
    `${accept}; import.meta.hot.dispose(() => { throw new Proxy({}, { get() { throw 1 } }) })`,
    ['applied'],
  ),
  hooked('an accept hook that loops', 'import.meta.hot.accept(() => { for (;;); })', either),
  hooked(
    'an accept hook that invalidates for ever',
    'import.meta.hot.accept(() => import.meta.hot.invalidate())',
    ['applied'],
    'import.meta.hot.accept(() => import.meta.hot.invalidate()); export const v = 2',
  ),
  hooked('a listener that loops', `${accept}; import.meta.hot.on('vite:beforeUpdate', () => { for (;;); })`, either),
  hooked('a disposer that loops', 'export let d = { [Symbol.dispose]() { for (;;); } }', either, 'export let d = 1'),
  hooked(
    'a disposer that cannot be interrupted',
    `export let d = { [Symbol.dispose]() { ${spin} } }`,
    either,
    'export let d = 1',
  ),
  {
    title: 'a disposer that is a looping getter',
    source: `${good}export let d = { get [Symbol.dispose]() { for (;;); } }`,
    ends: ['ERR_REGROW_TIMEOUT'],
    limits: short,
  },
  hooked(
    'thens of every object',
    'Object.prototype.then = resolve => resolve({ isApplied: true, evaluated: {}, freed: [{}], changed: 1 })',
    either,
    'await 0',
  ),
  hooked(
    'promises that cannot be awaited',
    'Object.defineProperty(Promise.prototype, "constructor", { get() { throw 1 } })',
    either,
    'await 0',
  ),
  edit('a thrown object whose toString throws', '', 'throw { toString() { throw 1 } }', ['ERR_REGROW_EVALUATE']),
  hooked('a flood of messages', '', ['rejected'], 'for (;;) import.meta.hot.send("x", { a: 1 })'),
  {
    title: 'a timer that kills it again and again after an edit',
    source: good,
    ends: ['value'],
    limits: short,
    act: async program => {
      await program.update({ 'main.js': `${good}setTimeout(() => { for (;;); }, 1)` })
      // Each gives a value or fails, and none is lost.
      for (let times = 0; times < 4; times++) await program.call('attack').catch(() => {})
    },
  },
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
