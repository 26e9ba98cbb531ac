// Constructors of base classes, which are written as derived ones behind the scenes: nobody must be able to tell.
import { inEveryRealm } from '../support/program.js'

/** A class that `run` builds, before and after an edit of its method `version`; with and without private names. */
const program = (body: string, version: number, isPrivate: boolean) => `
  export class Thing {
    ${isPrivate ? '#secret = 7; secret() { return this.#secret }' : ''}
    ${body}
    version() { return ${version} }
  }
  export function run(...args) {
    const made = new Thing(...args)
    return [made instanceof Thing, made.told, made.version?.()]
  }`

const shapes: Record<string, { body: string; args?: unknown[]; expect: (version: number) => unknown }> = {
  'that name this in their parameters': {
    body: 'base = 2; constructor(a = this.base, b = (() => this.base + 1)()) { this.told = [a, b] }',
    expect: version => [true, [2, 3], version],
  },
  'that return a primitive, which is ignored': {
    body: 'constructor(value) { this.told = value; return 5 }',
    args: ['kept'],
    expect: version => [true, 'kept', version],
  },
  'that return an object, which takes the place of the instance': {
    body: `constructor(value) { if (value) return { told: 'other' }; this.told = 'own' }`,
    args: [true],
    expect: () => [false, 'other', undefined],
  },
  'that return nothing early': {
    body: `constructor(value) { this.told = 1; if (value) return; this.told = 2 }`,
    args: [true],
    expect: version => [true, 1, version],
  },
  'that read arguments, new.target and default values of each other': {
    body: `constructor(a, b = a + 1, ...rest) { this.told = [arguments.length, new.target === Thing, b, rest, Thing.length]; return undefined }`,
    args: [1, undefined, 3, 4],
    expect: version => [true, [4, true, 2, [3, 4], 1], version],
  },
  'that destructure, and use eval in a parameter': {
    body: `constructor({ a } = { a: eval('1 + 1') }) { this.told = a; return 0 }`,
    expect: version => [true, 2, version],
  },
  'that are not there': { body: 'told = this.constructor.name', expect: version => [true, 'Thing', version] },
}

describe('constructors of base classes', () => {
  inEveryRealm(start => {
    for (const [title, { body, args = [], expect }] of Object.entries(shapes)) {
      for (const isPrivate of [false, true]) {
        it(`${title}${isPrivate ? ', with private names' : ''}`, async () => {
          const app = await start(program(body, 1, isPrivate))
          await app.expect('run', expect(1), ...args)
          await app.edit(program(body, 2, isPrivate))
          await app.expect('run', expect(2), ...args)
        })
      }
    }
  })
})
