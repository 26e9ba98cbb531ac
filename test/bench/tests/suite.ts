// A made-up project with tests: modules that import one another, and two specs for each. The same seed gives the same texts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How modules are written: `cjs` is what `mocha --watch` can reload in its own process. */
export type Form = 'cjs' | 'esm'

/** What the text of a module is made from. */
export interface Module {
  readonly index: number
  readonly imports: readonly number[]
  step: number
  factor: number
  /** The body of `combine` throws. */
  throws: boolean
  /** Functions that nobody calls. */
  extra: number
}

/** What the text of a spec is made from. */
export interface Spec {
  readonly module: number
  readonly part: 'a' | 'b'
  /** What is added to the number that is right. */
  mistake: number
  extraTests: number
  title: string
  mark: '' | '.skip'
}

export interface Suite {
  readonly form: Form
  readonly modules: readonly Module[]
  readonly specs: readonly Spec[]
  /** Milliseconds that each test takes, besides what it says. */
  readonly work: number
}

const modulesInFeature = 5
/** How often a feature uses another one. */
const useOfOthers = 0.3

/** @param random numbers from 0 to 1 */
export function createSuite(form: Form, moduleCount: number, work: number, random: () => number): Suite {
  const modules: Module[] = []
  for (let index = 0; index < moduleCount; index++) {
    const place = index % modulesInFeature
    modules.push({
      index,
      imports: importsOf(index, place, random),
      step: 1 + (index % 7),
      factor: 2 + (index % 3),
      throws: false,
      extra: 0,
    })
  }
  const specs = modules.flatMap(({ index }) =>
    (['a', 'b'] as const).map(
      (part): Spec => ({ module: index, part, mistake: 0, extraTests: 0, title: 'adds', mark: '' }),
    ),
  )
  return { form, modules, specs, work }
}

/** A feature is two leaves, a module above each of them, and its face, which may use the face of a feature before it. */
function importsOf(index: number, place: number, random: () => number): number[] {
  if (place < 2) return []
  if (place < 4) return [index - 2]
  const features = Math.floor(index / modulesInFeature)
  const other = features > 0 && random() < useOfOthers ? [Math.floor(random() * features) * modulesInFeature + 4] : []
  return [index - 2, index - 1, ...other]
}

export const leavesOf = (suite: Suite): Module[] => suite.modules.filter(each => each.imports.length === 0)

export const modulePath = ({ index }: Module): string => `src/m${pad(index)}.js`
export const specPath = ({ module, part }: Spec): string => `test/m${pad(module)}${part}.test.js`

const pad = (index: number): string => String(index).padStart(3, '0')

export function moduleText({ form }: Suite, { index, imports, step, factor, throws, extra }: Module): string {
  const name = (module: number) => `combine${module}`
  const links = imports.map(each =>
    importText(form, `{ combine${form === 'cjs' ? ':' : ' as'} ${name(each)} }`, `./m${pad(each)}.js`),
  )
  const sum = imports.map(each => ` + ${name(each)}(value)`).join('')
  const lines = [
    ...links,
    ...Array.from({ length: extra }, (_, each) => `function extra${each}() {}`),
    `const STEP = ${step}`,
    `const TABLE = [1, 2, 3].map(each => scale(each))`,
    `function scale(value) {`,
    `  return value * ${factor} + STEP`,
    `}`,
    `function combine(value) {`,
    ...(throws ? [`  throw new RangeError('out of range')`] : []),
    `  return (scale(value)${sum}) % 9973`,
    `}`,
    `class Counter {`,
    `  #total = 0`,
    `  add(value) {`,
    `    this.#total += combine(value)`,
    `    return this`,
    `  }`,
    `  get total() {`,
    `    return this.#total`,
    `  }`,
    `}`,
    form === 'cjs'
      ? `module.exports = { TABLE, scale, combine, Counter }`
      : `export { TABLE, scale, combine, Counter }`,
  ]
  return `${form === 'cjs' ? `'use strict'\n` : ''}${lines.join('\n')}\n// module ${index}\n`
}

const importText = (form: Form, names: string, from: string): string =>
  form === 'cjs' ? `const ${names} = require('${from}')` : `import ${names} from '${from}'`

export function specText(suite: Suite, spec: Spec): string {
  const { form, work } = suite
  const { module, part, mistake, extraTests, title, mark } = spec
  const expected = (value: number) => combined(suite, module, value)
  const scaled = (value: number) => scaledBy(module, value)
  const names = part === 'a' ? '{ combine, scale }' : '{ Counter, TABLE }'
  const tests =
    part === 'a'
      ? [
          `it('scales', () => assert.equal(scale(10), ${scaled(10) + mistake}))`,
          `it${mark}('${title}', () => assert.equal(combine(3), ${expected(3)}))`,
          `it('does so later', async () => {`,
          `  await null`,
          `  assert.equal(combine(4), ${expected(4)})`,
          `})`,
        ]
      : [
          `let counter`,
          `beforeEach(() => {`,
          `  counter = new Counter()`,
          `})`,
          `it${mark}('${title}', () => assert.equal(counter.add(1).add(2).total, ${expected(1) + expected(2) + mistake}))`,
          `it('begins at nothing', () => assert.equal(counter.total, 0))`,
          `it('knows a table', () => assert.deepEqual(TABLE, ${JSON.stringify([1, 2, 3].map(scaled))}))`,
        ]
  for (let index = 0; index < extraTests; index++)
    tests.push(`it('stays in range ${index}', () => assert.ok(${part === 'a' ? `scale(${index})` : 'TABLE[0]'} > 0))`)
  return [
    importText(form, 'assert', 'node:assert/strict'),
    importText(form, names, `../src/m${pad(module)}.js`),
    `describe('m${pad(module)} ${part}', () => {`,
    ...(work
      ? [
          `  beforeEach(() => {`,
          `    for (const start = performance.now(); performance.now() < start + ${work}; );`,
          `  })`,
        ]
      : []),
    ...tests.map(line => `  ${line}`),
    `})`,
    '',
  ].join('\n')
}

/** What `scale` gave when the suite was made: specs go on expecting that. */
const scaledBy = (module: number, value: number): number => value * (2 + (module % 3)) + 1 + (module % 7)

function combined(suite: Suite, module: number, value: number): number {
  const { imports } = suite.modules[module]!
  return (scaledBy(module, value) + imports.reduce((sum, each) => sum + combined(suite, each, value), 0)) % 9973
}

/** Writes all of it into a folder. */
export function writeSuite(suite: Suite, folder: string): void {
  for (const each of ['src', 'test']) mkdirSync(join(folder, each), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: suite.form === 'esm' ? 'module' : 'commonjs' }))
  for (const each of suite.modules) writeFileSync(join(folder, modulePath(each)), moduleText(suite, each))
  for (const each of suite.specs) writeFileSync(join(folder, specPath(each)), specText(suite, each))
}
