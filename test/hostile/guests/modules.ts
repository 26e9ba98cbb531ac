// Imports as a way to files and builtins.
import { attacks, type Guest } from '../guest.js'

const specifiers = [
  'node:fs',
  'fs',
  'node:child_process',
  'node:module',
  'node:vm',
  'node:worker_threads',
  'process',
  'node:test',
  '../secret.js',
  '../../etc/passwd',
  '/etc/passwd',
  'file:///etc/passwd',
  'data:text/javascript,export default 1',
  'https://example.com/x.js',
  './..%2fsecret.js',
  './%2e%2e/secret.js',
  './..\\\\secret.js',
  './a%00.js',
  './link.js',
  'esbuild',
  'typescript',
  'regrow',
  '#internal',
  'app:nothing',
  '__proto__',
  'constructor',
  'toString',
  'isolated-vm',
  '.',
  '..',
]

export const modules: readonly Guest[] = [
  ...specifiers.map(
    (specifier): Guest => ({
      title: `import ${specifier}`,
      source: { 'main.js': `import * as it from '${specifier}'\nexport const attack = () => Object.keys(it)` },
      ends: ['ERR_REGROW_DENIED', 'ERR_REGROW_LINK'],
    }),
  ),
  ...specifiers.slice(0, 12).map(
    (specifier): Guest => ({
      title: `import() of ${specifier}`,
      source: `export const attack = async () => Object.keys(await import('${specifier}'))`,
      ends: ['thrown'],
    }),
  ),
  ...attacks(['thrown'], {
    'import() of a computed name': 'return import(["node", "fs"].join(":"))',
    'import() of an object with a changing name':
      'let n = 0; return import({ toString: () => n++ ? "node:fs" : "node:fs" })',
    'import() with attributes': 'return import("node:fs", { with: { type: "json" } })',
    'import.meta.resolve of a builtin': 'return import.meta.resolve("node:fs")',
  }),
  {
    title: 'require of a builtin',
    source: {
      'main.js': `import tool from './tool.cjs'\nexport const attack = () => tool()`,
      'tool.cjs': `module.exports = () => require('fs')`,
    },
    ends: ['thrown'],
  },
  {
    title: "require of the host's modules by module.constructor",
    source: {
      'main.js': `import tool from './tool.cjs'\nexport const attack = () => tool()`,
      'tool.cjs': `module.exports = () => typeof module.constructor._load + typeof require.cache.x + typeof module.parent`,
    },
    ends: ['value'],
    gives: 'undefinedundefinedundefined',
  },
  {
    title: 'a name of a granted module that every object has',
    source: `import { constructor } from 'app:kv'\nexport const attack = () => constructor`,
    ends: ['ERR_REGROW_LINK', 'value'],
  },
]
