// What the command line and mocha's configuration say, settled.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve, sep } from 'node:path'
import { RegrowError } from '../../errors.js'
import type { CollectOptions, MochaPackage } from './mocha.js'

export interface TestOptions {
  /** Absolute path of the directory that holds the guest's files. */
  readonly root: string
  readonly once: boolean
  readonly cache: string | false
  readonly collect: CollectOptions
  /** Files that are loaded before the specs, as modules of the program. */
  readonly setup: readonly string[]
  /** Packages that are imported before them. */
  readonly packages: readonly string[]
  /** For mocha's constructor. */
  readonly mocha: Record<string, unknown>
  /** End the process after the run, whatever is still open. */
  readonly exit: boolean
  readonly passOnFailingTestSuite: boolean
  /** Options that were given and mean nothing here. */
  readonly ignored: readonly string[]
}

/** TypeScript and JSX are no reason for a loader here. */
const moreExtensions = ['ts', 'mts', 'cts', 'tsx', 'jsx']
const mochaExtensions = 'js,cjs,mjs'
const meaningless = ['parallel', 'jobs', 'delay', 'watch', 'watchFiles', 'watchIgnore', 'nodeOption', 'listInterfaces']
const defaults = ['watch-ignore']

/** @throws RegrowError ERR_REGROW_OPTION, or what mocha throws */
export function readOptions(
  mocha: MochaPackage,
  args: readonly string[],
  own: Pick<TestOptions, 'root' | 'once' | 'cache'>,
): TestOptions {
  const given = mocha.loadOptions(args)
  const options: Record<string, any> = {}
  for (const [name, value] of Object.entries(given)) {
    options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value
  }
  const spec = listOf(given._)
  const extension = listOf(options.extension)
  const required = listOf(options.require)
  const setup = required.map(each => fileOf(each)).filter(each => each !== undefined)
  const isOwn = (file: string) => !relative(own.root, file).startsWith(`..${sep}`) && !file.includes('node_modules')
  if (options.ui === 'exports') throw new RegrowError('ERR_REGROW_OPTION', "the interface 'exports' is not supported")
  return {
    ...own,
    collect: {
      spec: spec.length ? spec : ['./test'],
      file: listOf(options.file),
      ignore: listOf(options.ignore),
      extension: extension.join() === mochaExtensions ? [...extension, ...moreExtensions] : extension,
      recursive: options.recursive === true,
      sort: options.sort === true,
      allowEmpty: !own.once,
    },
    setup: setup.filter(isOwn),
    packages: [
      ...setup.filter(each => !isOwn(each)),
      ...required.filter(each => fileOf(each) === undefined).map(each => packageOf(each)),
    ],
    mocha: mochaOptions(options, own.once || args.some(each => /^(-R|--reporter)/.test(each))),
    exit: options.exit === true,
    passOnFailingTestSuite: options.passOnFailingTestSuite === true,
    ignored: meaningless.filter(name => options[name] !== undefined && !defaults.includes(kebab(name))).map(kebab),
  }
}

function mochaOptions(options: Record<string, any>, showsEach: boolean): Record<string, unknown> {
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !meaningless.includes(name)))
  const isDefault = options.reporter === 'spec' && !('reporterOption' in options)
  return {
    ...rest,
    // In a loop a line for each test is too much, unless it was asked for.
    reporter: isDefault && !showsEach ? 'dot' : options.reporter,
    reporterOption: pairsOf(options),
  }
}

/** `--reporter-option a=1,b` as an object. */
function pairsOf(options: Record<string, any>): Record<string, unknown> {
  const given = options.reporterOption ?? options.reporterOptions
  if (given && typeof given === 'object' && !Array.isArray(given)) return given
  const pairs = listOf(given).map(each => {
    const [name, ...value] = each.split('=')
    return [name!, value.length ? value.join('=') : true] as const
  })
  return Object.fromEntries(pairs)
}

function listOf(value: unknown): string[] {
  if (value === undefined || value === null || value === false) return []
  return (Array.isArray(value) ? value : [value]).flatMap(each => splitList(String(each)))
}

/** At commas, but not at those within the braces of a pattern. */
const splitList = (text: string): string[] => text.split(/,(?![^{]*\})/).filter(Boolean)

function fileOf(required: string): string | undefined {
  return [required, `${required}.js`].map(each => resolve(each)).find(each => existsSync(each))
}

function packageOf(name: string): string {
  try {
    return createRequire(join(process.cwd(), 'package.json')).resolve(name)
  } catch (cause) {
    throw new RegrowError('ERR_REGROW_OPTION', `cannot find '${name}', which mocha is to require`, { cause })
  }
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
