// Completion: commands, modules, live names and members. Runs nothing of the program.
import type { Look } from '../../look.js'

export interface CompletionSource {
  readonly commands: readonly string[]
  modules(): string[]
  look(): Look
}

const keywords = [
  ...[
    'async',
    'await',
    'class',
    'const',
    'delete',
    'else',
    'export',
    'false',
    'for',
    'function',
    'import',
    'instanceof',
  ],
  ...[
    'let',
    'new',
    'null',
    'return',
    'super',
    'switch',
    'this',
    'throw',
    'true',
    'typeof',
    'undefined',
    'while',
    'yield',
  ],
]
const word = '[\\p{ID_Start}$_][\\p{ID_Continue}$]*'
const memberPath = new RegExp(
  `(?<![\\p{ID_Continue}$.\\])}'"\`])(${word}(?:\\??\\.${word})*)\\??\\.((?:${word})?)$`,
  'u',
)
const nameAtEnd = new RegExp(`(?<![\\p{ID_Continue}$.])(${word})?$`, 'u')

/** @returns what could stand there, and the part of the line that it replaces */
export function complete(line: string, source: CompletionSource): [string[], string] {
  const command = /^\s*\.(\w*)$/.exec(line)
  if (command) return matching(source.commands, command[1]!)
  const argument = /^\s*\.(\w+)\s+(\S*)$/.exec(line)
  if (argument) {
    const [, name, start] = argument
    if (name === 'enter') return matching(source.modules(), start!)
    if (name === 'save') return matching(source.look().typed(), start!)
    if (name === 'show') return matching(source.look().names(), start!)
  }
  const member = memberPath.exec(line)
  if (member) return matching(source.look().members(member[1]!.split(/\??\./)), member[2]!)
  const name = nameAtEnd.exec(line)
  if (!name || (name[1] === undefined && line.trim() !== '')) return [[], line]
  const start = name[1] ?? ''
  const [own] = matching(source.look().names(), start)
  if (start === '') return [own, start]
  const [others] = matching([...source.look().globals(), ...keywords], start)
  // Own names stand nearest to the line.
  return [[...others.filter(each => !own.includes(each)), ...(own.length && others.length ? [''] : []), ...own], start]
}

const matching = (names: readonly string[], start: string): [string[], string] => [
  [...new Set(names)].filter(each => each.startsWith(start)).sort(),
  start,
]
