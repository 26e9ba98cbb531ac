// What is measured: regrow and its peers, each set up as its own documentation advises, and the commands that start them.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Language } from './module-text.js'
import type { entries } from './project.js'

export interface Tool {
  readonly name: string
  readonly version: string
  /** `none` starts a program and no more; `floor` is no tool anybody uses, but the least there is to do. */
  readonly reloads: 'none' | 'floor' | 'restart' | 'in place'
  readonly color: string
  /** @returns what to start in the project's directory, or why that cannot be done */
  command(language: Language): Command | string
  /** The same with a cache that stays from start to start, where the tool has one that can be left out. */
  readonly cached?: Command
}

export interface Command {
  readonly entry: (typeof entries)[number]
  /** Of node; the entry's file name is put at `%`. */
  readonly args: readonly string[]
}

const require = createRequire(import.meta.url)
const regrow = fileURLToPath(new URL('../../../bundle/host/cli/main.js', import.meta.url))
const viteRunner = fileURLToPath(new URL('../../../../test/bench/peers/guest/vite-runner.js', import.meta.url))
const tsx = import.meta.resolve('tsx')

/** Where a package is; not all let their package.json be imported. */
function home(name: string): string {
  const paths = require.resolve.paths(name) ?? []
  for (const path of paths) {
    try {
      readFileSync(join(path, name, 'package.json'))
      return join(path, name)
    } catch {}
  }
  throw new Error(`the package ${name} is not installed`)
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(home(name), 'package.json'), 'utf8')).version
}

const ownVersion: string = (require('regrow/package.json') as { version: string }).version

/** Node strips types itself since 22.18. */
const stripsTypes = 'typescript' in process.features && Boolean(process.features.typescript)
const noTypes = `Node ${process.versions.node.split('.')[0]} does not run TypeScript`

/** For tools that leave TypeScript to Node, or to a loader. */
const plainNode = (language: Language, args: readonly string[], entry: Command['entry'] = 'plain'): Command | string =>
  language === 'ts' && !stripsTypes ? noTypes : { entry, args }

const loaderFor = (language: Language) => (language === 'ts' ? ['--import', tsx] : [])

export const tools: readonly Tool[] = [
  {
    name: 'node',
    version: process.versions.node,
    reloads: 'none',
    color: '#666666',
    command: language => plainNode(language, ['%']),
  },
  {
    name: 'regrow main',
    version: ownVersion,
    reloads: 'in place',
    color: '#c1121f',
    command: () => ({ entry: 'plain', args: [regrow, 'run', '--no-cache', '%'] }),
    cached: { entry: 'plain', args: [regrow, 'run', '%'] },
  },
  {
    name: 'regrow context',
    version: ownVersion,
    reloads: 'in place',
    color: '#f4873c',
    command: () => ({ entry: 'plain', args: [regrow, 'run', '--no-cache', '--realm', 'context', '%'] }),
    cached: { entry: 'plain', args: [regrow, 'run', '--realm', 'context', '%'] },
  },
  {
    name: "Vite's runner",
    version: versionOf('vite'),
    reloads: 'in place',
    color: '#7b2cbf',
    command: () => ({ entry: 'accept', args: [viteRunner, '/%'] }),
  },
  {
    name: 'vite-node',
    version: versionOf('vite-node'),
    reloads: 'in place',
    color: '#c77dff',
    command: () => ({ entry: 'accept', args: [join(home('vite-node'), 'dist/cli.mjs'), '--watch', '%'] }),
  },
  {
    name: 'hot-hook',
    version: versionOf('hot-hook'),
    reloads: 'in place',
    color: '#2a9d8f',
    command: language => ({
      entry: 'boundary',
      args: [...loaderFor(language), '--import', import.meta.resolve('hot-hook/register'), '%'],
    }),
  },
  {
    name: 'dynohot',
    version: versionOf('dynohot'),
    reloads: 'in place',
    color: '#1d4ed8',
    command: language => ({
      entry: 'accept',
      args: ['--enable-source-maps', ...loaderFor(language), '--import', import.meta.resolve('dynohot/register'), '%'],
    }),
  },
  {
    name: 'node --watch',
    version: process.versions.node,
    reloads: 'restart',
    color: '#55a630',
    command: language => plainNode(language, ['--watch', '%']),
  },
  {
    name: 'tsx watch',
    version: versionOf('tsx'),
    reloads: 'restart',
    color: '#0096c7',
    command: () => ({ entry: 'plain', args: [join(home('tsx'), 'dist/cli.mjs'), 'watch', '%'] }),
  },
  {
    name: 'nodemon',
    version: versionOf('nodemon'),
    reloads: 'restart',
    color: '#8a5a00',
    command: language => ({
      entry: 'plain',
      args: [
        join(home('nodemon'), 'bin/nodemon.js'),
        '--quiet',
        ...(language === 'ts' ? ['--exec', `${process.execPath} --import ${tsx}`] : []),
        '%',
      ],
    }),
  },
  {
    name: 'import(?v=N)',
    version: process.versions.node,
    reloads: 'floor',
    color: '#aaaaaa',
    command: language => ({ entry: 'floor', args: [...loaderFor(language), '%'] }),
  },
]

/** @throws Error naming one that does not exist */
export function findTools(names: readonly string[] | undefined): readonly Tool[] {
  for (const name of names ?? [])
    if (!tools.some(tool => tool.name === name))
      throw new Error(`nothing is called ${name}; there are ${tools.map(tool => tool.name).join(', ')}`)
  return tools.filter(tool => names?.includes(tool.name) ?? true)
}
