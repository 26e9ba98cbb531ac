// The text of a definition as it stands in its module now: what `toString()` of a trampoline gives.
import { slotOf } from '../bundler/class-slots.js'
import type { RunningModule } from './module.js'

/** What the text of a definition is found in. */
export type Texts = Pick<RunningModule, 'record' | 'literalIds'>

/** @param definition a binding, `#` and the number of a literal, or `Class slot` for a member */
export function textOf(module: Texts | undefined, definition: string): string | undefined {
  if (!module) return undefined
  const { code, items } = module.record
  const [name, ...rest] = definition.split(' ')
  if (name!.startsWith('#')) {
    for (const [literal, id] of module.literalIds) {
      if (id !== Number(name!.slice(1))) continue
      const start = literal.spec.methodPrefix === undefined ? literal.spec.start : literal.start
      return code.slice(start, literal.spec.end)
    }
    return undefined
  }
  const item = items.find(each => each.names[0] === name && (each.kind === 'function' || each.kind === 'class'))
  if (item?.kind === 'function') return code.slice(item.spec.start, item.spec.end)
  if (item?.kind !== 'class') return undefined
  if (rest.length === 0) return code.slice(item.spec.start, item.spec.end)
  const element = item.spec.elements.find(each => slotOf(each) === rest.join(' '))
  if (!element) return undefined
  const text = code.slice(element.start, element.end)
  return element.isStatic ? text.replace(/^static\s+/, '') : text
}
