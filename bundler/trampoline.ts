// Writes trampolines: the stable functions that captured references hold, each handing its calls on to what stands in a slot.
import type { FunctionSpec } from './record.js'
import { identifier, keyText, member, type Writer } from './writer.js'

/** Not allowed as the name of a function in strict code. */
const reserved = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** What must be known of a function to hand calls on to it. */
type Handed = Pick<FunctionSpec, 'length' | 'takes'>

/** Where the implementation stands, and how many arguments it takes: properties of an object in generated code. */
interface Slot {
  readonly of: string
  readonly key: string
}

/** Where it stands how many arguments the function in a slot takes. */
const takesKey = (key: string) => JSON.stringify(`#${key}`)

/** @returns made-up parameters, by comma: as many as the function has, and so that `length` is the same */
export function parameterList(writer: Writer, { length, takes = length }: Handed): string {
  return parameterNames(writer, takes)
    .map((name, index) => (index === length ? `${name}=void 0` : name))
    .join()
}

function parameterNames(writer: Writer, count: number): string[] {
  const names: string[] = []
  for (let index = 0; index < count; index++) names.push(writer.name(`p${index}`))
  return names
}

/** Parameters and body of a function that hands its calls on: what follows its name. @param first statements before that */
export function handingOn(writer: Writer, slot: Slot, spec: Handed, first = ''): string {
  return `(${parameterList(writer, spec)}){${first}return ${handOn(writer, slot, spec)}}`
}

/**
 * The arguments are passed one by one if that is all the implementation can notice: where V8 does not inline the trampoline, it then makes
 * one call of two. It tells so by a constant, not by `arguments.length`: a branch that V8 cannot decide early keeps it from peeling loops.
 */
export function handOn(writer: Writer, { of, key }: Slot, { takes }: Handed): string {
  const slot = of + member(key)
  const all = `${writer.name('a')}(${slot},this,arguments)`
  if (takes === undefined) return all
  const call = `${writer.name('f')}(${[slot, 'this', ...parameterNames(writer, takes)].join()})`
  return `${of}[${takesKey(key)}]<=${takes}?${call}:${all}`
}

/** It has a text of its own, so that V8 gathers feedback for each one apart. */
export function trampoline(writer: Writer, spec: FunctionSpec, slot: Slot, name: string): string {
  if (spec.shape !== 'constructible') {
    const shown = name || 'anonymous'
    return `({${keyText(shown)}${handingOn(writer, slot, spec)}})[${JSON.stringify(shown)}]`
  }
  const own = identifier.test(name) && !reserved.has(name) ? name : ''
  const construct = `${writer.name('r')}(${slot.of}${member(slot.key)},arguments,new.target)`
  return `function ${own}(${parameterList(writer, spec)}){return new.target?${construct}:${handOn(writer, slot, spec)}}`
}
