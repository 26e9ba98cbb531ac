// The commands of the REPL, besides those that node:repl has.
import { relative } from 'node:path'
import { highlight } from '@babel/code-frame'
import type { Colors } from 'picocolors/types.js'
import type { RunningProgram } from '../../program.js'
import type { Printer } from '../print.js'
import { moduleTree } from './tree.js'

export interface Standing {
  readonly program: RunningProgram
  /** The modules that were entered, the last one is where the person stands. */
  readonly modules: string[]
  readonly printer: Printer
  readonly realm: string
  readonly colors: Colors
  print(text: string): void
}

export interface Command {
  readonly help: string
  action(standing: Standing, argument: string): void | Promise<void>
}

const here = ({ modules }: Standing): string => modules.at(-1)!

export const commands: Readonly<Record<string, Command>> = {
  modules: {
    help: 'Show the modules as a tree, with their versions',
    action({ program, colors, print, modules }) {
      const { undone } = program
      const lines = moduleTree(program.modules(), program.entry, ({ id, version, typed }) => {
        const marks = [
          colors.dim(`v${version}`),
          ...(typed.length ? [colors.yellow(`typed: ${typed.join(', ')}`)] : []),
          ...(undone.includes(id) ? [colors.yellow('undone until saved')] : []),
          ...(id === modules.at(-1) ? [colors.green('← here')] : []),
        ]
        return `${id}  ${marks.join('  ')}`
      })
      print(lines.join('\n'))
    },
  },
  enter: {
    help: 'Stand in a module: .enter <module>',
    action({ program, modules, print }, argument) {
      if (argument === '') return print('say which: .enter <module>; .modules lists them')
      const ids = program.modules().map(each => each.id)
      const found = ids.includes(argument)
        ? [argument]
        : ids.filter(id => id.endsWith(`/${argument}`) || id.startsWith(argument))
      if (found.length !== 1)
        return print(found.length ? `which: ${found.join(', ')}?` : `there is no module ${argument}`)
      program.look(found[0]!)
      modules.push(found[0]!)
    },
  },
  leave: {
    help: 'Go back to the module before',
    action({ modules, print }) {
      if (modules.length > 1) modules.pop()
      else print('this is where you came in; .exit ends')
    },
  },
  show: {
    help: 'Show the source of a definition as it runs: .show <name>',
    action(standing, name) {
      const { program, colors, print } = standing
      const shown = program.look(here(standing)).definition(name)
      if (!shown) return print(name === '' ? 'say what: .show <name>' : `nothing in ${here(standing)} defines ${name}`)
      print(colors.dim(`// ${shown.module}${shown.isTyped ? ', typed here' : ''}`))
      print(colors.isColorSupported ? highlight(shown.text) : shown.text)
    },
  },
  undo: {
    help: 'Undo the last reload or what was typed last',
    async action({ program, print }) {
      const { outcome, modules } = await program.undo()
      if (outcome === 'unchanged' && modules.length === 0) print('nothing is left to undo')
    },
  },
  redo: {
    help: 'Take the last undo back',
    async action({ program, print }) {
      const { outcome, modules } = await program.redo()
      if (outcome === 'unchanged' && modules.length === 0) print('nothing was undone')
    },
  },
  reload: {
    help: 'Look at the files now and apply what changed',
    async action({ program }) {
      await program.reload()
    },
  },
  save: {
    help: 'Write a definition that was typed here into its file: .save <name>',
    action(standing, name) {
      const { program, print } = standing
      const typed = program.look(here(standing)).typed()
      if (name === '') return print(typed.length ? `say what: .save ${typed.join(' | ')}` : 'nothing was typed here')
      print(`saved ${name} to ${relative(process.cwd(), program.look(here(standing)).save(name))}`)
    },
  },
  stats: {
    help: 'Show modules, reloads and heap, and whether the program runs its sources',
    async action({ program, printer, realm }) {
      printer.status(program, realm, await program.stats())
    },
  },
}
