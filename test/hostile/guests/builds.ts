// Sources that are made to hold up whoever builds them, or to make the builder read what it should not.
import type { End, Guest } from '../guest.js'

const refused: readonly End[] = [
  'ERR_REGROW_BUILD',
  'ERR_REGROW_MEMORY',
  'ERR_REGROW_TIMEOUT',
  'ERR_REGROW_EVALUATE',
  'ERR_REGROW_EXIT',
]

const bombs: Readonly<Record<string, string>> = {
  'arrow functions or conditionals, exponentially': `export const attack = ${'a?(b):c=>'.repeat(24)}1`,
  'nested blocks': `${'{'.repeat(900)}${'}'.repeat(900)}\nexport const attack = () => 1`,
  'nested blocks beyond the limit': `${'{'.repeat(20_000)}${'}'.repeat(20_000)}`,
  'nested parentheses': `export const attack = ${'('.repeat(50_000)}1${')'.repeat(50_000)}`,
  'nested arrays': `export const attack = ${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  'nested functions': `export const attack = ${'()=>'.repeat(20_000)}1`,
  'nested types': `type A = ${'Array<'.repeat(5000)}1${'>'.repeat(5000)}\nexport const attack = () => 1`,
  'a long sum': `export const attack = () => ${'1+'.repeat(100_000)}1`,
  'a long chain of members': `export const attack = () => globalThis${'.a'.repeat(100_000)}`,
  'a long chain of calls': `export const attack = () => f${'()'.repeat(100_000)}`,
  'unary operators': `export const attack = () => ${'!'.repeat(200_000)}1`,
  'many statements': '1;'.repeat(200_000),
  'many names': `let ${Array.from({ length: 60_000 }, (_, index) => `a${index}`).join()}`,
  'too large': `export const attack = '${'x'.repeat(600_000)}'`,
  'blank lines without end': `${'\n'.repeat(450_000)}export const attack = () => 1; require('x')`,
  'spaces without end': `${' '.repeat(450_000)}export const attack = () => 1; require('x')`,
  'a template of templates': `export const attack = () => ${'`${'.repeat(900)}1${'}`'.repeat(900)}`,
  'regular expressions': `export const attack = () => [${'/(a+)+$/,'.repeat(40_000)}]`,
  'a string that does not end': `export const attack = '${'\\u{'.repeat(100_000)}`,
  conditionals: `export const attack = () => ${'a?'.repeat(20_000)}1${':1'.repeat(20_000)}`,
  'else if': `export const attack = () => { ${'if (a) {} else '.repeat(20_000)}{} }`,
  decorators: `${'@a '.repeat(20_000)}class A {}\nexport const attack = () => 1`,
  'a null byte': 'export const attack = () => "\\0\0"',
}

/** These go through esbuild as well. */
const forEsbuild = [
  'arrow functions or conditionals, exponentially',
  'nested blocks',
  'nested functions',
  'nested types',
  'a long sum',
  'unary operators',
  'many statements',
  'conditionals',
  'else if',
  'decorators',
]

const some = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const ready = 'export const attack = () => 1\n'

/** What would take the host long to link, though it is quick to build. */
const large: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'many functions': ready + some(5000, index => `export function f${index}() {}`).join('\n'),
  'many function literals': `${ready}export const list = [${'()=>1,'.repeat(5000)}]`,
  'many members': `${ready}export class X { ${some(5000, index => `m${index}(){}`).join('')} }`,
  'many imports': ready + some(600, index => `import './m${index}.js'`).join('\n'),
  'many modules': Object.fromEntries([
    ['main.js', `${ready}import './m0.js'`],
    ...some(600, index => [`m${index}.js`, index < 599 ? `import './m${index + 1}.js'` : '']),
  ]),
  'many stars': Object.fromEntries([
    ['main.js', `${ready}export * from './m0.js'`],
    ...some(300, index => [`m${index}.js`, `export const a${index} = 1\nexport * from './m${(index + 1) % 300}.js'`]),
  ]),
}

export const builds: readonly Guest[] = [
  ...Object.entries(bombs).map(
    ([title, source]): Guest => ({
      title,
      source: { 'main.js': source },
      ends: ['value', 'thrown', 'ERR_REGROW_LINK', ...refused],
    }),
  ),
  ...forEsbuild.map(
    (title): Guest => ({
      title: `${title}, in TypeScript`,
      source: { 'main.ts': bombs[title]! },
      ends: ['value', 'thrown', 'ERR_REGROW_LINK', ...refused],
    }),
  ),
  ...Object.entries(large).map(
    ([title, source]): Guest => ({
      title,
      source: typeof source === 'string' ? { 'main.js': source } : source,
      ends: ['ERR_REGROW_BUILD'],
    }),
  ),
  {
    title: 'a tsconfig that extends a file outside',
    source: {
      'main.ts': `import secret from '@secret'\nexport const attack = () => secret`,
      'tsconfig.json':
        '{ "extends": "../../../etc/passwd", "compilerOptions": { "paths": { "@secret": ["../secret.js"] } } }',
    },
    ends: ['ERR_REGROW_DENIED'],
  },
  {
    title: 'a module in JSX with a factory of its own',
    source: { 'main.tsx': `/** @jsxImportSource ../../secret */\nexport const attack = () => typeof (<a/>)` },
    ends: ['ERR_REGROW_DENIED', 'ERR_REGROW_LINK', 'thrown'],
  },
]
