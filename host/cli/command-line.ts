// The command line's face: reads the arguments, shows help and version, turns misuse into exit code 2.
import { createRequire } from 'node:module'
import { cac } from 'cac'
import type { RealmKind } from '../api.js'
import { run } from './run.js'

const { version } = createRequire(import.meta.url)('regrow/package.json') as { version: string }

/** Options that take their value from the next argument. */
const optionsWithValue = new Set(['--realm', '--root', '--listen', '--attach', '--module'])

/** Splits what is regrow's own from what `regrow test` hands to mocha, which knows many options. */
function splitForTest(args: readonly string[]): { own: string[]; mocha: string[] } {
  const own: string[] = []
  const mocha: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!
    if (argument === '--root') own.push(argument, ...args.slice(++index, index + 1))
    else if (/^(--once|--break|--no-cache|--root=.*|--help|-h|--version|-v)$/.test(argument)) own.push(argument)
    else mocha.push(argument)
  }
  return { own, mocha }
}

/** Splits the arguments after the entry: they are the program's, whatever they look like. */
function splitAtEntry(args: readonly string[]): { own: string[]; program: string[] } {
  for (let index = 1; index < args.length; index++) {
    const argument = args[index]!
    if (optionsWithValue.has(argument)) index++
    else if (argument === '--' && index + 1 < args.length)
      return { own: [...args.slice(0, index), args[index + 1]!], program: args.slice(index + 2) }
    else if (!argument.startsWith('-')) return { own: args.slice(0, index + 1), program: args.slice(index + 1) }
  }
  return { own: [...args], program: [] }
}

function failUsage(message: string): undefined {
  console.error(`regrow: ${message}\nTry 'regrow --help'.`)
  process.exitCode = 2
}

interface PlaceOptions {
  realm: unknown
  root?: unknown
  watch: boolean
}

interface TestFlags {
  root?: unknown
  once?: boolean
  break?: boolean
  cache: boolean
}

/** @returns undefined when the options are wrong, which was said */
function placeOf<Realm extends RealmKind>(
  { realm, root, watch }: PlaceOptions,
  realms: readonly Realm[],
): { realm: Realm; root: string; watch: boolean } | undefined {
  const found = realms.find(each => each === realm)
  if (found === undefined) {
    const last = `'${realms.at(-1)}'`
    const others = realms.slice(0, -1).map(each => `'${each}'`)
    return failUsage(`--realm is ${others.join(', ')} or ${last}, not '${String(realm)}'`)
  }
  if (found === 'isolate' && program.length > 0) return failUsage('a program in an isolate takes no arguments')
  if (Array.isArray(root)) return failUsage('--root is given twice')
  return { realm: found, root: root === undefined ? process.cwd() : String(root), watch }
}

const given = process.argv.slice(2)
const isTest = given[0] === 'test'
const forTest = splitForTest(given.slice(1))
const { own, program } = isTest ? { own: ['test', ...forTest.own], program: [] } : splitAtEntry(given)
const commandLine = cac('regrow')
// Parsing decides what to do; it is done outside the action so that a program's promise is awaited in one place.
let start: (() => Promise<void>) | undefined

commandLine
  .command('run <entry>', 'Run a program and patch it while it runs')
  .usage('run [options] <entry> [arguments of the program…]')
  .option('--realm <realm>', 'Where the program runs: main, context or isolate', { default: 'main' })
  .option('--root <directory>', "Directory that holds the program's files (default: the working directory)")
  .option('--no-watch', 'Do not reload on changes; end when the program ends')
  .option('--no-cache', 'Keep nothing in node_modules/.cache/regrow for the next start')
  .option('--json', 'Print one JSON object a line on stdout instead of text on stderr')
  .example(name => `  $ ${name} run main.ts`)
  .example(name => `  $ ${name} run --json --root services/mail services/mail/main.ts --port 2525`)
  .option('--listen <socket>', "Let REPLs in: 'regrow repl --attach <socket>'")
  .action((entry: string, options: PlaceOptions & { cache: boolean; json?: boolean; listen?: unknown }) => {
    const place = placeOf(options, ['main', 'context', 'isolate'])
    const listen = options.listen === undefined ? undefined : String(options.listen)
    const { cache, json = false } = options
    if (place) start = () => run({ entry, args: program, ...place, cache, json, listen, version })
  })

commandLine
  .command('repl [entry]', 'Run a program, or an empty module, and evaluate what is typed inside it')
  .usage('repl [options] [entry] [arguments of the program…]')
  .option('--realm <realm>', 'Where the program runs: main or context', { default: 'main' })
  .option('--root <directory>', "Directory that holds the program's files (default: the working directory)")
  .option('--no-watch', 'Do not reload on changes')
  .option('--attach <socket>', "Talk inside a program that 'regrow run --listen <socket>' runs")
  .option('--module <module>', 'Stand in this module at first (default: the entry)')
  .example(name => `  $ ${name} repl main.ts`)
  .option('--no-cache', 'Keep nothing in node_modules/.cache/regrow for the next start')
  .action(
    (entry: string | undefined, options: PlaceOptions & { cache: boolean; attach?: unknown; module?: unknown }) => {
      const place = placeOf(options, ['main', 'context'])
      const at = options.module === undefined ? {} : { module: String(options.module) }
      if (options.attach !== undefined) {
        if (entry !== undefined) return failUsage('--attach takes no entry: the program runs elsewhere')
        start = async () => {
          const { attach } = await import('./repl/attach.js')
          await attach(String(options.attach), at.module)
        }
        return
      }
      if (place)
        start = async () => {
          const { repl } = await import('./repl/command.js')
          await repl({ entry, args: program, ...place, ...at, cache: options.cache, version })
        }
    },
  )

commandLine
  .command('test [specs]', 'Run tests with mocha, and again what a save reaches')
  .usage("test [options] [mocha's options and specs…]")
  .option('--no-cache', 'Keep nothing in node_modules/.cache/regrow for the next start')
  .option('--once', 'Run all tests once and end, with the exit code that mocha has')
  .option('--break', 'Open the REPL where a test fails, before anything more runs; leaving it runs the test again')
  .option('--root <directory>', "Directory that holds the program's files (default: the working directory)")
  .example(name => `  $ ${name} test`)
  .example(name => `  $ ${name} test --once --reporter spec 'test/**/*.test.ts'`)
  .action((_specs: string | undefined, options: TestFlags) => {
    if (Array.isArray(options.root)) return failUsage('--root is given twice')
    if (options.once && options.break) return failUsage('--break waits for a person, and --once for none')
    const root = options.root === undefined ? process.cwd() : String(options.root)
    const { once = false, break: breaks = false, cache } = options
    start = async () => {
      const { test } = await import('./test.js')
      await test({ args: forTest.mocha, root, once, break: breaks, cache, version })
    }
  })

// The parser gives every --no-… option a default of true, which reads as its opposite.
commandLine.help(sections => sections.map(each => ({ ...each, body: each.body.replaceAll(' (default: true)', '') })))
commandLine.version(version)

try {
  const { options, args } = commandLine.parse(['node', 'regrow', ...own], { run: false })
  // The parser answers --help anywhere, but --version only where no command stands.
  if (commandLine.matchedCommandName !== undefined) {
    if (options.version) commandLine.outputVersion()
    else commandLine.runMatchedCommand()
  } else if (!options.help && !options.version) {
    failUsage(args[0] === undefined ? "say what to run: 'regrow run <entry>'" : `no command '${args[0]}'`)
  }
} catch (error) {
  if (!(error instanceof Error && error.name === 'CACError')) throw error
  failUsage(error.message)
}
await start?.()
