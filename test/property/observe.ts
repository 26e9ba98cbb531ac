// What can be told of a running program from outside: every export of every module, its text, and what it answers.
import type { Program } from '../../host/api.js'

/** Facts by what they tell of: `m1.x3 answers` → `17`. */
export type Facts = Map<string, string>

/** The argument that functions are called with. */
const argument = 2

/** Waits for promises, draws generators dry, and tells errors by name and message. */
export async function tell(value: () => unknown): Promise<string> {
  try {
    let result: any = value()
    if (typeof result?.next === 'function') {
      const all: unknown[] = []
      for await (const each of result) all.push(each)
      result = all
    }
    const settled = await result
    return typeof settled === 'object' ? JSON.stringify(settled) : String(settled)
  } catch (error) {
    return `threw ${(error as Error).name}: ${(error as Error).message}`
  }
}

const isClass = (value: unknown): value is new (argument?: number) => Record<string, any> =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

/** Everything but the registry. Calls nothing that changes state. */
export async function observe(program: Program): Promise<Facts> {
  const facts: Facts = new Map()
  for (const [module, namespace] of Object.entries(program.exports)) {
    if (module === 'heard') continue
    facts.set(`${module} keys`, Object.keys(namespace).join())
    for (const name of Object.keys(namespace)) {
      if (name.startsWith('set_')) continue
      await observeValue(facts, `${module}.${name}`, namespace[name])
    }
  }
  return facts
}

async function observeValue(facts: Facts, path: string, value: any): Promise<void> {
  if (isClass(value)) return observeClass(facts, path, value)
  if (typeof value === 'function') {
    // A wrapped function is a closure of `wrap`, made by an evaluation that need not be the latest.
    facts.set(`${path} text`, `${value.name} ${value.length} ${value}`)
    facts.set(`${path} answers`, await tell(() => value(argument)))
    return
  }
  facts.set(`${path} is`, await tell(() => value))
  if (typeof value?.method !== 'function') return
  facts.set(`${path} answers`, await tell(() => [value.method(argument), value.arrow(argument), value.got]))
  facts.set(`${path} text`, `${value.method} ${value.arrow} ${Object.keys(value)}`)
}

async function observeClass(facts: Facts, path: string, value: new (a?: number) => any): Promise<void> {
  facts.set(`${path} text`, `${value.name} ${value.length} ${value}`)
  const base = Object.getPrototypeOf(value)
  facts.set(`${path} extends`, base.name)
  const statics = Object.getOwnPropertyNames(value).sort()
  facts.set(`${path} statics`, statics.join())
  for (const name of statics) {
    if (/^s\d/.test(name)) facts.set(`${path}.${name} is`, await tell(() => (value as any)[name]))
    if (/^p\d/.test(name)) facts.set(`${path}.${name} answers`, await tell(() => (value as any)[name](argument)))
  }
  // A field that an edit added stands on the prototype too, for older instances (R2).
  const members = Object.getOwnPropertyNames(value.prototype).filter(name => !/^f\d/.test(name))
  facts.set(`${path} members`, members.sort().join())
  let instance: any
  facts.set(
    `${path} new`,
    await tell(() => {
      instance = new value(argument)
      return instance
    }),
  )
  if (instance) for (const [name, answer] of await observeInstance(instance)) facts.set(`${path} new ${name}`, answer)
}

/** What the methods and getters of an object answer, the inherited ones too. */
export async function observeInstance(instance: any): Promise<Facts> {
  const facts: Facts = new Map()
  for (
    let at = Object.getPrototypeOf(instance);
    at && at.constructor?.name !== 'Object';
    at = Object.getPrototypeOf(at)
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (!/^(p\d|common|read_|has_)/.test(name) || facts.has(name)) continue
      const isGetter = Object.getOwnPropertyDescriptor(at, name)!.get !== undefined
      facts.set(name, await tell(() => (isGetter ? instance[name] : instance[name](argument))))
    }
  }
  return facts
}

/** The newest answer of each key of the registry: older entries are of statements that an edit took away (R5). */
export async function observeRegistry(program: Program): Promise<Facts> {
  const facts: Facts = new Map()
  for (const { key, call } of program.exports.heard()) facts.set(key, await tell(call))
  return facts
}
