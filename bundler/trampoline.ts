// Writes trampolines: the stable functions that captured references hold, each handing its calls on to what stands in a slot.
import type { FunctionSpec } from './record.js'
import { identifier, keyText, type Writer } from './writer.js'

/** Not allowed as the name of a function in strict code. */
const reserved = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** @returns as many made-up parameters, by comma */
export function parameterList(writer: Writer, length: number): string {
  return parameterNames(writer, length).join()
}

const parameterNames = (writer: Writer, length: number): string[] =>
  Array.from({ length }, (_, index) => writer.name(`p${index}`))

/** Parameters and body of a function that hands its calls on: what follows its name. */
export function handingOn(writer: Writer, slot: string, length: number): string {
  return `(${parameterList(writer, length)}){return ${handOn(writer, slot, length)}}`
}

/**
 * The usual number of arguments is passed one by one: where V8 does not inline the trampoline, it then makes one call of two.
 */
export function handOn(writer: Writer, slot: string, length: number): string {
  const call = `${writer.name('f')}(${[slot, 'this', ...parameterNames(writer, length)].join()})`
  return `arguments.length===${length}?${call}:${writer.name('a')}(${slot},this,arguments)`
}

/** It has a text of its own, so that V8 gathers feedback for each one apart. */
export function trampoline(writer: Writer, { shape, length }: FunctionSpec, slot: string, name: string): string {
  if (shape !== 'constructible') {
    const shown = name || 'anonymous'
    return `({${keyText(shown)}${handingOn(writer, slot, length)}})[${JSON.stringify(shown)}]`
  }
  const own = identifier.test(name) && !reserved.has(name) ? name : ''
  const construct = `${writer.name('r')}(${slot},arguments,new.target)`
  return `function ${own}(${parameterList(writer, length)}){return new.target===void 0?${handOn(writer, slot, length)}:${construct}}`
}
