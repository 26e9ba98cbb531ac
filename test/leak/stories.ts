// What is reloaded thousands of times. Each version tells of itself: track`…` passes its strings array, which dies with its script.

export interface Story {
  /** The text of a version; all are equally long. */
  source(version: string): string
  /** Default `main.js`. */
  readonly file?: string
  /** Default `applied`. */
  readonly outcome?: 'applied' | 'rejected'
  /** Whether `probe()` is called after each reload, so that the new code runs and shows itself. */
  readonly probe?: true
}

/** Some text, so that a retained version shows in the heap. */
const ballast = `'${'regrow '.repeat(40)}'.length`

/** Tells of the script it stands in. `tell` is a function of the version's own, so it does not outlive it. */
const told = (version: string) => `((strings) => track(strings, ${version}))\`v\``

export const stories: Readonly<Record<string, Story>> = {
  'function bodies': {
    probe: true,
    source: version => `
      const held = []
      export function probe() { ${told(version)}; if (held.length < 3) held.push(probe); return ${ballast} }
      export const arrow = a => a + ${version}
      export function* steps() { yield ${version} }`,
  },
  classes: {
    probe: true,
    source: version => `
      export class Base { base() { return ${version} } }
      export class Thing extends Base {
        static made = 0
        field = ${version}
        constructor() { super(); Thing.made++ }
        get size() { return ${ballast} }
        tell() { ${told(version)}; return super.base() + this.field }
      }
      const old = new Thing()
      export function probe() { return old.tell() + new Thing().tell() + old.size }`,
  },
  'classes with private names': {
    probe: true,
    source: version => `
      export class Thing {
        #field = ${version}
        static #count = 0
        #secret() { ${told(version)}; Thing.#count++; return this.#field + ${ballast} }
        tell() { return #field in this && this.#secret() }
      }
      const old = new Thing()
      export function probe() { return old.tell() + new Thing().tell() }`,
  },
  literals: {
    probe: true,
    source: version => `
      const listeners = []
      listeners.push(() => { ${told(version)}; return ${ballast} })
      export const api = { run() { return ${version} }, get size() { return listeners.length } }
      export function probe() { if (listeners.length !== 1) throw new Error('ran again'); return listeners[0]() + api.run() }`,
  },
  data: {
    source: version => `
      export const table = { version: ${version}, text: '${'regrow '.repeat(20)}' }
      export const derived = { twice: table.version * 2, table, ['k' + ${version}]: 0, get size() { return ${version} } }
      track(table, table.version)
      export const told = track(derived, ${version})`,
  },
  statements: {
    source: version => `
      const settings = {}
      Object.assign(settings, { version: ${version}, read: () => ${ballast} })
      { const local = { version: ${version} }; track(local, ${version}) }`,
  },
  'assigned prototypes': {
    probe: true,
    source: version => `
      export function Thing() {}
      Thing.prototype = { version: ${version}, tell() { ${told(version)}; return this.version + ${ballast} }, get size() { return ${version} } }
      const old = new Thing()
      const tell = Thing.prototype.tell
      export function probe() { return old.tell() + tell.call(new Thing()) + old.size }`,
  },
  'what items own': {
    source: version => `
      import { EventEmitter } from 'node:events'
      import { keep, onDispose } from 'regrow/guest'
      const bus = keep(() => new EventEmitter())
      const target = new EventTarget()
      const timer = setInterval(() => ${version}, 1e6, ${version})
      setTimeout(() => { track({}, ${version}) }, 0, ${version})
      bus.on('tick', () => ${version}, ${version})
      bus.once('tick', () => ${version}, ${version})
      target.addEventListener('tick', () => ${version}, { passive: ${version} > 0 })
      const thing = { version: ${version}, [Symbol.dispose]() { track(this, this.version) } }
      onDispose(() => thing.version, ${version})
      if (bus.listenerCount('tick') > 4) throw new Error('listeners are left')`,
  },
  'modules that accept themselves': {
    source: version => `
      const table = { version: ${version}, text: '${'regrow '.repeat(20)}' }
      track(table, table.version)
      export class Thing { static made = [${version}]; read() { return this } }
      import.meta.hot.data.last = ${version}
      import.meta.hot.on('vite:afterUpdate', () => ${version})
      import.meta.hot.dispose(data => { data.disposed = ${version} })
      import.meta.hot.accept(module => module.Thing.made.push(${version}))`,
  },
  TypeScript: {
    file: 'main.ts',
    probe: true,
    source: version => `
      declare const track: (mark: object, version: number) => void
      interface Shape { readonly size: number }
      enum Kind { Small = 1, Large = 2 }
      export class Square implements Shape { constructor(readonly size: number) {} area(): number { return this.size * ${version} } }
      export function probe(): number { ${told(version).replace('(strings)', '(strings: TemplateStringsArray)')}; return new Square(Kind.Large).area() }`,
  },
  'rejected edits': {
    outcome: 'rejected',
    source: version =>
      version === '100000'
        ? `export function probe() { return 1 }\nexport class Thing { #a = 1; read() { return this.#a } }\nconst list = [() => 1]`
        : `export function probe() { return ${version} }
      export class Thing { #a = ${version}; #b = 1; read() { return this.#a + this.#b + ${ballast} } }
      const list = [() => ${version}]
      const mark = { version: ${version}, read: () => new Thing().read() }
      track(mark, ${version})
      throw new Error('rejected on purpose ' + mark.read())`,
  },
}
