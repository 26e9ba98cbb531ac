// Stack traces: every frame of guest code names the file, line and column as the file stands now.
import { pathToFileURL } from 'node:url'
import { type MappedCode, tokenOf } from '../bundler/output.js'
import type { Item, Literal } from '../bundler/record.js'
import { placeInLater } from '../bundler/words.js'
import { type Place, placeText } from './errors.js'
import type { Origin, RunningModule } from './module.js'
import { ownFolder } from './own-files.js'
import { floor, lineStarts, type Mapped, placeAt, typedMarker } from './source-place.js'

/** A text that V8 compiled. */
export interface CompiledText extends MappedCode {
  /** What V8 calls it: path, then `?regrow=` and the number of the change; with a dot and another number for what a script evaluates apart. */
  readonly name: string
  /** What its segments lead to, where that is not the record of its script's version: the text of a CommonJS module. */
  readonly whole?: Mapped
  /** Lines that stand before the code where it is compiled; none unless told. */
  readonly linesBefore?: number
}

/** One patch. Kept while a definition that runs came from it. */
export interface Script extends CompiledText {
  /** The version it was compiled for. */
  readonly version: Mapped
  /** Texts that it evaluates apart: versions of classes, inside the layers of before. */
  readonly nested: readonly CompiledText[]
}

/** What a script is called by, and as a URL, to which texts that it evaluates apart add a number. */
export interface ScriptName {
  readonly name: string
  readonly url: string
}

const anyMarker = '?regrow='
/** Programs of a process have letters before their numbers, but for the first, so that none takes another's scripts for its own. */
let programs = 0

function nextLetters(): string {
  let letters = ''
  for (let rest = programs++; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters
  return letters
}

/** For work on regrow itself. */
const showsOwn = process.env.REGROW_TRACE === '1'

/** How scripts end whose text another one evaluates. */
const apart = /\.\d+$/
const unnamedApart = /^(\s+at (?:async )?)eval \($/

/** Nothing but white space and comments. */
const blank = /^(?:\s|\/\/.*[\n\r\u2028\u2029]|\/\*(?:[^*]|\*(?!\/))*\*\/)*$/

const sizeOf = ({ start, end }: Origin): number => end - start

export interface StackMapper {
  /** @returns what names the scripts of one change, one for each path: the same program starts with the same names */
  newNames(): (path: string) => ScriptName
  add(script: Script): void
  /** Keeps only scripts that running definitions came from. */
  keep(module: string, scripts: ReadonlySet<Script>): void
  forget(module: string): void
  /** Drops the scripts of a reload that failed; an `import()` may fail while other modules are under way. */
  dropUncommitted(isUnderWay: (module: string) => boolean): void
  /** Rewrites the frames of a stack, and leaves out regrow's own unless `REGROW_TRACE` is 1. */
  stack(text: string): string
  /** The first place in guest code a stack names. */
  firstPlace(error: unknown): Place | undefined
  /** Whether a place that a stack told of, while a change is under way, is one in the text that runs, not in that of the change. */
  isOfRunning(place: Place): boolean
}

export function createStackMapper(
  moduleOf: (id: string) => RunningModule | undefined,
  pathOf: (id: string) => string,
  shownPathOf: (id: string) => string = pathOf,
): StackMapper {
  /** By name, with the script it belongs to. */
  const texts = new Map<string, { text: CompiledText; script: Script }>()
  const byModule = new Map<string, Set<Script>>()
  const uncommitted = new Set<Script>()
  /** Places that frames of running code were told to be at while a change is under way. */
  const toldOfRunning = new Set<string>()
  const marker = anyMarker + nextLetters()
  let changes = 0

  function drop(script: Script): void {
    for (const { name } of [script, ...script.nested]) texts.delete(name)
  }

  function sourceOffset(text: CompiledText, line: number, column: number): number {
    const starts = lineStarts(text, text.code)
    const offset = (starts[line - 1 - (text.linesBefore ?? 0)] ?? 0) + column - 1
    const { segments } = text
    if (segments.length === 0) return -1
    const index = floor(segments, offset, 2)
    const from = segments[index * 2]!
    const source = segments[index * 2 + 1]!
    if (source < 0) return tokenOf(source) ?? -1
    // V8 puts a call at its callee if that is a mere name, and else at its parenthesis; names are written as `(0,$_.name)`.
    const callee = text.code[offset] === '(' && blank.test(text.code.slice(from, offset))
    return (callee ? tokenOf(segments[index * 2 - 1] ?? -1) : undefined) ?? source + offset - from
  }

  /** The place of a frame; `'ours'` for code regrow wrote; undefined for anything else. */
  function place(scriptName: string, line: number, column: number): Place | 'ours' | undefined {
    const found = placeNow(scriptName, line, column)
    const isOfRunning = uncommitted.size > 0 && !uncommitted.has(texts.get(scriptName)?.script as Script)
    if (isOfRunning && found && found !== 'ours') toldOfRunning.add(placeText(found))
    return found
  }

  function placeNow(scriptName: string, line: number, column: number): Place | 'ours' | undefined {
    const found = texts.get(scriptName)
    if (!found) return undefined
    const { text, script } = found
    const offset = sourceOffset(text, line, column)
    if (offset === -1) return 'ours'
    const module = moduleOf(script.version.id)
    if (text.whole) return placeInWhole(text.whole, offset, uncommitted.has(script) ? undefined : module)
    let best: { origin: Origin; definition: Item | Literal; isPast: boolean } | undefined
    for (const [definition, origins] of module?.origins ?? []) {
      const index = origins.findIndex(each => each.script === script && offset >= each.start && offset <= each.end)
      const origin = origins[index]
      if (!origin || (best && sizeOf(best.origin) <= sizeOf(origin))) continue
      best = { origin, definition, isPast: index > 0 }
    }
    if (!module) return placeAt(script.version, offset)
    // What the definition has become is unknown: it is gone.
    if (!best) return isCurrent(script, module) ? placeAt(script.version, offset) : undefined
    const { origin, definition, isPast } = best
    const before = script.version.record.code.slice(origin.start, origin.end)
    const now = module.record.code.slice(definition.start, definition.end)
    const inside = placeInLater(before, now, offset - origin.start)
    if (inside === undefined && isPast) return undefined
    return placeAt(module, definition.start + (inside ?? offset - origin.start))
  }

  /** The text of a CommonJS module runs again when more changes than its layout. */
  function placeInWhole(text: Mapped, offset: number, module: RunningModule | undefined): Place | 'ours' {
    const now = module?.commonJS
    const at = now && placeInLater(text.record.code, now.code, offset)
    return at === undefined ? placeAt(text, offset) : placeAt({ ...module!, record: now! }, at)
  }

  /** Whether the text that a script was compiled from is the module's own, or about to be, or what was typed into it. */
  const isCurrent = (script: Script, module: RunningModule): boolean =>
    uncommitted.has(script) ||
    script.version.record.code === module.record.code ||
    (module.typedScripts?.includes(script) ?? false)

  function urlOf(file: string): string {
    const [id, typed] = file.split(typedMarker)
    return pathToFileURL(shownPathOf(id!)).href + (typed === undefined ? '' : typedMarker + typed)
  }

  // For code of `eval`, the place it was called from: `at eval (eval at run (/app/main.js?regrow=1:2:3), <anonymous>:1:1)`.
  const frame = new RegExp(
    `^(\\s+at (?:.*? \\(|async )?)((?:file://)?(?:/|[a-z]:).*?\\${marker}\\d[\\d.]*):(\\d+):(\\d+)(\\)?.*)$`,
    'i',
  )

  function mapLines(lines: readonly string[]): string[] {
    const mapped: string[] = []
    let nameAbove: string | undefined
    for (const text of lines) {
      const match = text.includes(marker) ? frame.exec(text) : null
      if (!match) {
        if (showsOwn || !isOurs(text)) mapped.push(text)
        nameAbove = undefined
        continue
      }
      const [, before, script, line, column, after] = match
      const found = place(script!, Number(line), Number(column))
      if (found === 'ours') {
        if (showsOwn) mapped.push(text)
        continue
      }
      // The script of a trampoline may be forgotten; it stands right below what it called.
      if (!found && nameAbove === before && !showsOwn) continue
      nameAbove = before
      const file = found
        ? `${urlOf(found.file)}:${found.line}:${found.column}`
        : `${script!.slice(0, script!.indexOf(marker))} (before an edit)`
      // In texts that are evaluated apart V8 calls so what has no name.
      const unnamed = apart.test(script!) ? unnamedApart.exec(before!) : null
      mapped.push(unnamed ? `${unnamed[1]}${file}${after!.replace(')', '')}` : `${asWritten(before!)}${file}${after}`)
    }
    return mapped
  }

  return {
    newNames() {
      const ending = `${marker}${++changes}`
      return path => ({
        name: path + ending,
        get url() {
          return pathToFileURL(path).href + ending
        },
      })
    },
    add(script) {
      const module = script.version.id
      for (const text of [script, ...script.nested]) texts.set(text.name, { text, script })
      uncommitted.add(script)
      let set = byModule.get(module)
      if (!set) byModule.set(module, (set = new Set()))
      set.add(script)
    },
    keep(module, kept) {
      for (const script of kept) uncommitted.delete(script)
      if (uncommitted.size === 0) toldOfRunning.clear()
      for (const script of byModule.get(module) ?? []) {
        if (kept.has(script)) continue
        drop(script)
        byModule.get(module)!.delete(script)
      }
    },
    forget(module) {
      for (const script of byModule.get(module) ?? []) drop(script)
      byModule.delete(module)
    },
    dropUncommitted(isUnderWay) {
      for (const script of uncommitted) {
        if (isUnderWay(script.version.id)) continue
        drop(script)
        uncommitted.delete(script)
        byModule.get(script.version.id)?.delete(script)
      }
      if (uncommitted.size === 0) toldOfRunning.clear()
    },
    isOfRunning: found => toldOfRunning.has(placeText(found)),
    stack(text) {
      if (!text.includes(marker)) return text
      return mapLines(text.split('\n')).join('\n')
    },
    firstPlace(error) {
      let text: unknown
      try {
        text = (error as Error | undefined)?.stack
      } catch {
        return undefined
      }
      if (typeof text !== 'string') return undefined
      for (const line of text.split('\n')) {
        const match = frame.exec(line)
        const found = match ? place(match[2]!, Number(match[3]), Number(match[4])) : undefined
        if (found && found !== 'ours') return found
      }
      return firstMapped(text, pathOf)
    },
  }
}

/** What the language calls the functions that are made of private methods, fields and static blocks. */
function asWritten(name: string): string {
  return name
    .replace(/(?:\S+\.)?~regrow:#/, '#')
    .replace(/(?:\S+\.)?~regrow:(?:late |field:)\S+/, '<instance_members_initializer>')
    .replace(/(?:\S+\.)?~regrow:new /, 'new ')
    .replace(/(?:\S+\.)?~regrow:\d+/, '<static_initializer>')
}

/** Frames of the kernel and of the host's way into it. */
function isOurs(text: string): boolean {
  return text.includes('regrow:kernel') || text.includes(ownFolder)
}

/** A stack that was mapped when it was made names the file itself. */
function firstMapped(text: string, pathOf: (id: string) => string): Place | undefined {
  const root = pathToFileURL(pathOf('')).href
  for (const line of text.split('\n')) {
    const match = /(file:\/\/.+?):(\d+):(\d+)\)?$/.exec(line)
    if (!match?.[1]?.startsWith(root)) continue
    const id = decodeURIComponent(match[1].slice(root.length)).replace(/^\//, '')
    if (!id.includes('node_modules/')) return { file: id, line: Number(match[2]), column: Number(match[3]) }
  }
  return undefined
}
