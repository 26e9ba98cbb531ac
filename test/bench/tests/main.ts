// `npm run bench:tests`: a save to the verdict of the tests it reaches, under `regrow test` and `mocha --watch`, by turns, and whether both say the same.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { print, readOrTell, showProgress } from '../command-line.js'
import { createRandom } from '../peers/saves.js'
import { median, percentile } from '../peers/statistics.js'
import { nextEdit, type TestEdit } from './edits.js'
import { createSuite, type Form, writeSuite } from './suite.js'
import { differences, Tool } from './tool.js'

const usage = 'Usage: npm run bench:tests -- [--edits 50] [--modules 100] [--seed 1] [--work 0,1] [--form esm|cjs]'
/** What the issue asks for: regrow's time as a part of mocha's. */
const goal = 1 / 10
const deadline = 60_000

interface Options {
  readonly edits: number
  readonly modules: number
  readonly seed: number
  readonly forms: readonly Form[]
  /** Milliseconds that each test takes: a suite for each. */
  readonly works: readonly number[]
}

interface Saved {
  readonly edit: TestEdit
  readonly regrow: number
  readonly mocha: number
}

const packageOf = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
const commandLine = fileURLToPath(new URL('../../../bundle/host/cli/main.js', import.meta.url))
const now = (): number => performance.timeOrigin + performance.now()

function readOptions(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { edits: text, modules: text, seed: text, form: text, work: text } })
  const number = (name: string, value: string | undefined, otherwise: number) => {
    const read = value === undefined ? otherwise : Number(value)
    if (!Number.isInteger(read) || read < 1) throw new Error(`--${name} is a number of 1 or more, not ${value}`)
    return read
  }
  const { form } = values
  if (form !== undefined && form !== 'esm' && form !== 'cjs') throw new Error(`--form is esm or cjs, not ${form}`)
  return {
    edits: number('edits', values.edits, 50),
    modules: number('modules', values.modules, 100),
    seed: number('seed', values.seed, 1),
    forms: form ? [form] : ['esm', 'cjs'],
    works: (values.work ?? '0,1').split(',').map(each => {
      if (/^\d+(\.\d+)?$/.test(each)) return Number(each)
      throw new Error(`--work is milliseconds, several with commas between, not ${values.work}`)
    }),
  }
}

/** @returns whether both said the same all along */
async function compare(form: Form, work: number, { edits, modules, seed }: Options): Promise<boolean> {
  const random = createRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'regrow-bench-tests-'))
  const suite = createSuite(form, modules, work, random)
  const folders = { regrow: join(folder, 'regrow'), mocha: join(folder, 'mocha') }
  for (const each of Object.values(folders)) {
    mkdirSync(join(each, 'node_modules'), { recursive: true })
    symlinkSync(packageOf('mocha'), join(each, 'node_modules/mocha'))
    writeSuite(suite, each)
  }
  // In its own process mocha cannot load an ES module again: with workers it can.
  const watch = form === 'esm' ? ['--watch', '--parallel'] : ['--watch']
  try {
    await using regrow = new Tool('regrow test', folders.regrow, [commandLine, 'test'], {
      runsAll: false,
      waits: /specs? ran/,
    })
    await using mocha = new Tool(
      `mocha ${watch.join(' ')}`,
      folders.mocha,
      [join(packageOf('mocha'), 'bin/mocha.js'), ...watch],
      { runsAll: true, waits: /waiting for changes/ },
    )
    for (const each of [regrow, mocha]) await each.verdict(now(), deadline)
    let isSame = tellDifferences('at the start', regrow, mocha)
    const saved: Saved[] = []
    for (let index = 0; index < edits; index++) {
      showProgress(`${form}: edit ${index + 1} of ${edits}`)
      const edit = nextEdit(suite, random)
      const times = new Map<Tool, number>()
      for (const tool of index % 2 ? [mocha, regrow] : [regrow, mocha])
        times.set(tool, await saveIn(tool === regrow ? folders.regrow : folders.mocha, edit, tool))
      saved.push({ edit, regrow: times.get(regrow)!, mocha: times.get(mocha)! })
      isSame = tellDifferences(`after edit ${index + 1}, ${edit.file}: ${edit.what}`, regrow, mocha) && isSame
    }
    print(
      `${form}, tests that take ${work ? `${work} ms` : 'no time'}: ${suite.specs.length} specs over ${modules} modules, ${edits} edits, seed ${seed}`,
    )
    tell(
      'a leaf',
      saved.filter(each => each.edit.kind === 'leaf'),
      mocha.name,
    )
    tell(
      'a spec',
      saved.filter(each => each.edit.kind === 'spec'),
      mocha.name,
    )
    const broken = saved.filter(each => each.edit.broken !== undefined).length
    print(
      `  verdicts ${isSame ? 'the same throughout' : 'DIFFER'} (${regrow.verdicts.size} tests; ${broken} half-written saves)`,
    )
    return isSame
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function saveIn(folder: string, { file, broken, text }: TestEdit, tool: Tool): Promise<number> {
  const path = join(folder, file)
  if (broken !== undefined) {
    writeFileSync(path, broken)
    // What it brings is no verdict: mocha prints an error, or fails files that it cannot load.
    await delay(1500)
  }
  tool.forget()
  const since = now()
  writeFileSync(path, text)
  return tool.verdict(since, deadline)
}

function tellDifferences(when: string, regrow: Tool, mocha: Tool): boolean {
  const found = differences(regrow.verdicts, mocha.verdicts)
  if (found.length) print(`VERDICTS DIFFER ${when} (regrow and mocha):\n  ${found.slice(0, 10).join('\n  ')}`)
  return found.length === 0
}

function tell(what: string, saved: readonly Saved[], mochaName: string): void {
  if (saved.length === 0) return
  const figures = (times: readonly number[]) =>
    `median ${median(times)!.toFixed(0)} ms, 90 % within ${percentile(times, 0.9)!.toFixed(0)} ms`
  const regrow = saved.map(each => each.regrow)
  const mocha = saved.map(each => each.mocha)
  const ratio = median(regrow)! / median(mocha)!
  print(`  save of ${what} to verdict, ${saved.length} saves`)
  print(`    regrow test             ${figures(regrow)}`)
  print(`    ${mochaName.padEnd(23)} ${figures(mocha)}`)
  print(`    ratio of the medians    1/${(1 / ratio).toFixed(1)}${what === 'a leaf' ? ` (wanted: 1/${1 / goal})` : ''}`)
}

const options = readOrTell(readOptions, usage)
for (const form of options?.forms ?? [])
  for (const work of options!.works) if (!(await compare(form, work, options!))) process.exitCode = 1
