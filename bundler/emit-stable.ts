// The stable class: what the program sees of a class, whose constructor, fields and members only hand calls on.
import type { ClassPlan } from './class-plan.js'
import { publicMembers, slotOf } from './class-slots.js'
import type { ClassElement } from './record.js'
import { handingOn, handOn, parameterList } from './trampoline.js'
import { quote, type Writer } from './writer.js'

export function emitStable(plan: ClassPlan, to: Writer): void {
  to.raw(`(function(${to.name('h')},${to.name('s')}){return `)
  const end = beginStable(plan, to)
  emitStableMembers(plan, to)
  to.raw(`${end}})`)
}

/** @returns what ends it */
export function beginStable({ spec, isByStable }: ClassPlan, to: Writer): string {
  const needsName = spec.ownName === undefined
  if (needsName) to.raw(`({${quote(spec.givenName)}:`)
  to.raw(`class ${spec.ownName ?? ''}${isByStable ? '' : ` extends ${to.name('h')}`}{`)
  return needsName ? `}})[${quote(spec.givenName)}]` : '}'
}

export function emitStableMembers(plan: ClassPlan, to: Writer): void {
  const { spec, isByStable } = plan
  const slots = to.name('s')
  if (isByStable) {
    const own = spec.elements.find(each => each.kind === 'constructor')
    for (const each of spec.elements) {
      if (each.isStatic) continue
      if (each.isPrivate) emitPrivate(plan, to, each)
      else if (each.kind === 'field') emitField(plan, to, each, slots)
    }
    const handed = own ?? { length: 0, takes: 0 }
    // What comes from a field's initialiser has the constructor's place on the stack.
    to.token(`constructor(${parameterList(to, handed)}){`, own ? own.valueStart : spec.start)
    to.raw(`return ${slots}.how===void 0?${handOn(to, { of: slots, key: 'new' }, handed)}`)
    to.raw(`:${slots}.how(this,arguments,new.target)}`)
  } else to.raw(`constructor(){return ${to.name('r')}(${slots}.new,arguments,new.target)}`)
  for (const each of publicMembers(spec)) emitMember(to, each)
}

/** A private member of the stable class, or of a layer. */
export function emitPrivate(plan: ClassPlan, to: Writer, each: ClassElement): void {
  if (each.kind === 'field') emitField(plan, to, each, each.isStatic ? undefined : to.name('s'))
  else to.raw(`${kindText(each)}#${each.name}${memberTrampoline(to, each, to.name('s'))}`)
}

/** A field that starts as what a function in a slot returns, or as undefined. */
function emitField({ slotOfField }: ClassPlan, to: Writer, each: ClassElement, slots: string | undefined): void {
  to.raw(each.isPrivate ? `#${each.name}` : keyOf(to, each))
  if (slots) to.raw(`=${to.name('f')}(${slots}[${quote(slotOfField(each))}],this)`)
  to.raw(';')
}

/** Members to be moved over to the stable class. */
export function emitMembers(to: Writer, members: readonly ClassElement[]): void {
  to.raw(`(${to.name('h')},${to.name('s')})=>class{`)
  for (const each of members) emitMember(to, each)
  to.raw('}')
}

const emitMember = (to: Writer, each: ClassElement) =>
  void to.raw(
    `${each.isStatic ? 'static ' : ''}${kindText(each)}${keyOf(to, each)}${memberTrampoline(to, each, to.name('s'))}`,
  )

const keyOf = (to: Writer, each: ClassElement) => to.record.code.slice(each.keyStart, each.keyEnd)

const kindText = ({ kind }: ClassElement) => (kind === 'method' ? '' : `${kind} `)

/** What follows the key of a member that only hands its calls on. A setter gets one value, whatever its `length`. */
const memberTrampoline = (to: Writer, element: ClassElement, slots: string) =>
  handingOn(to, { of: slots, key: slotOf(element) }, element.kind === 'set' ? { length: 1, takes: 1 } : element)
