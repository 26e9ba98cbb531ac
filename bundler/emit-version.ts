// The version: the class as written, with its constructor and field initialisers among its methods where the stable class makes the instances.
import type { ClassPlan } from './class-plan.js'
import { fieldName, isStaticInitializer, slotOf, staticsOf } from './class-slots.js'
import type { ClassElement, ClassSpec } from './record.js'
import { parameterList } from './trampoline.js'
import { keyText, type Override, quote, type Writer } from './writer.js'

/** @param heritage the name of what it extends */
export function emitVersion(plan: ClassPlan, to: Writer, heritage: string): void {
  const { spec, isByStable, isLayered, lateFields } = plan
  const needsName = spec.ownName === undefined
  if (needsName) to.raw(`({${quote(spec.givenName)}:`)
  const own = spec.elements.find(each => each.kind === 'constructor')
  // A base class is written as a derived one: what makes its instances is then no version, and they all share their hidden class.
  const isAlone = isByStable || (!spec.heritage && !isLayered && own?.needsBase === true)
  to.token(`class ${spec.ownName ?? ''}${isAlone ? '' : ` extends ${heritage}`}`, spec.start)
  const overrides = spec.elements.flatMap(each => elementOverrides(plan, to, each))
  if (isByStable) overrides.push(constructorMethod(spec, to, own))
  else if (!spec.heritage && !isAlone) overrides.push(...callsUp(plan, to, own))
  overrides.sort((a, b) => a.start - b.start)
  to.range(spec.bodyStart, spec.end - 1, overrides)
  for (const each of lateFields) {
    to.raw(`;${quote(`~regrow:late ${fieldName(each)}`)}(){return ${each.isPrivate ? `this.#${each.name}=` : ''}`)
    emitInitializer(plan, to, each)
    to.raw('}')
  }
  to.raw('}')
  if (needsName) to.raw(`})[${quote(spec.givenName)}]`)
}

/** The constructor of a class whose stable class makes its instances. */
function constructorMethod(spec: ClassSpec, to: Writer, own: ClassElement | undefined): Override {
  const key = quote(`~regrow:new ${spec.ownName ?? spec.givenName}`)
  if (own) return { start: own.keyStart, end: own.keyEnd, write: () => void to.raw(key) }
  const { bodyStart } = spec
  return { start: bodyStart, end: bodyStart + 1, write: () => void to.token(`{${key}(){}`, spec.start) }
}

/** The constructor of a base class that is written as a derived one. @param own as written, if it has one */
function callsUp({ spec, kernel }: ClassPlan, to: Writer, own: ClassElement | undefined): Override[] {
  const at = (start: number, end: number, write: () => unknown) => ({ start, end, write: () => void write() })
  const { bodyStart: classBody } = spec
  // The constructor that V8 would give it iterates over its arguments.
  if (!own) return [at(classBody, classBody + 1, () => to.token('{constructor(){super()}', spec.start))]
  const { valueStart, bodyStart, end } = own
  if (!own.needsBase) return [at(bodyStart, bodyStart + 1, () => to.token('{super();', valueStart))]
  // Parameters and body go into a function of their own, which runs when there is a `this`, and whose result decides nothing else.
  const head = `(${parameterList(to, { length: own.length, takes: undefined })}){super();`
  return [
    at(valueStart, valueStart, () => to.token(head, valueStart).raw(`return ${kernel}.result((`)),
    at(bodyStart, bodyStart, () => to.raw('=>')),
    at(end, end, () => to.raw(')(...arguments))}')),
  ]
}

/** What differs between an element as written and in the version. */
function elementOverrides(plan: ClassPlan, to: Writer, each: ClassElement): Override[] {
  const instead = (write: () => void): Override => ({ start: each.start, end: each.end, write })
  const ofKey = (write: () => void): Override => ({ start: each.keyStart, end: each.keyEnd, write })
  if (isStaticInitializer(each)) return [instead(() => emitStatic(plan, to, each))]
  const inside = accessOverrides(plan, to, each.isComputed ? each.keyEnd : each.start, each.end)
  if (each.isComputed) return [ofKey(() => emitKey(plan, to, each)), ...inside]
  if (plan.handedOn.has(each)) return [instead(() => emitFieldMethod(plan, to, each))]
  if (!each.isPrivate) return inside
  if (each.kind === 'field') return [instead(() => emitPrivateField(plan, to, each))]
  return [ofKey(() => void to.raw(quote(`~regrow:#${each.name}`))), ...inside]
}

function emitFieldMethod(plan: ClassPlan, to: Writer, each: ClassElement): void {
  to.raw(`${quote(`~regrow:${plan.slotOfField(each)}`)}(){return `)
  emitInitializer(plan, to, each)
  to.raw('}')
}

function emitPrivateField(plan: ClassPlan, to: Writer, each: ClassElement): void {
  to.raw(`#${to.name('d')}${each.start}=void (this.#${each.name}=`)
  emitInitializer(plan, to, each)
  to.raw(');')
}

function emitStatic(plan: ClassPlan, to: Writer, each: ClassElement): void {
  const id = `~regrow:${staticsOf(plan.spec).indexOf(each)}`
  to.raw('static ')
  if (each.isComputed) emitKey(plan, to, each, id)
  else to.raw(quote(id))
  to.raw('(){')
  const { valueStart, valueEnd } = each
  if (each.kind === 'block') {
    to.range(valueStart + 1, valueEnd - 1, accessOverrides(plan, to, valueStart, valueEnd)).raw('\n}')
    return
  }
  to.raw(each.isPrivate ? `this.#${each.name}=` : 'return ')
  emitInitializer(plan, to, each)
  to.raw('}')
}

/** A computed key, which the kernel takes note of. @param shown what stands in its place */
function emitKey(plan: ClassPlan, to: Writer, each: ClassElement, shown?: string): void {
  to.raw(`[${plan.kernel}.keep(${quote(slotOf(each))},`)
  const value = plan.hoisted.get(each)
  if (value) to.raw(value)
  else emitKeyValue(plan, to, each, '')
  to.raw(shown ? `,${quote(shown)})]` : ')]')
}

/** What a computed key was before, unless it is new or a value it names changed (R4). @param key what takes a new one */
export function emitKeyValue(
  { run, name, kernel, cells }: ClassPlan,
  to: Writer,
  each: ClassElement,
  key: string,
): void {
  if (run.keptSlots) {
    const uses = each.keyUses.length ? `,${cells(to, each.keyUses)}` : ''
    to.raw(`${kernel}.kept(${quote(name)},${quote(slotOf(each))}${uses})??`)
  }
  to.raw(`${key}(`)
    .range(each.keyStart + 1, each.keyEnd - 1)
    .raw(')')
}

function emitInitializer(plan: ClassPlan, to: Writer, element: ClassElement): void {
  const { valueStart, valueEnd } = element
  if (valueStart === valueEnd) {
    to.raw('void 0')
    return
  }
  const { holes, witness } = plan.literals
  const shown = fieldName(element)
  const named = element.takesName && !element.isComputed
  const alive = witness(to, element)
  if (alive) to.raw(`(${to.name('w')}=>`)
  to.raw(named ? `({${keyText(shown)}:` : '(')
  const inside = element.literals.length ? holes(to, element) : []
  to.range(valueStart, valueEnd, accessOverrides(plan, to, valueStart, valueEnd, inside))
  to.raw(named ? `})[${quote(shown)}]` : ')')
  if (alive) to.raw(`)(${alive})`)
}

/**
 * `o.#x` where `#x` came with a later version: an older instance gets the field when it is first touched.
 * @param others what else stands there, some perhaps inside of `o`
 * @returns all of them, in order
 */
function accessOverrides(
  plan: ClassPlan,
  to: Writer,
  start: number,
  end: number,
  others: readonly Override[] = [],
): Override[] {
  const { spec, history, kernel, name } = plan
  const inside = spec.privateAccesses.filter(
    each =>
      start <= each.objectStart &&
      each.objectEnd <= end &&
      !(start === each.objectStart && each.objectEnd === end) &&
      history?.lateFields.has(`#${each.name}`),
  )
  const isIn = (each: Override, { start, end }: Pick<Override, 'start' | 'end'>) =>
    start <= each.start && each.end <= end
  const accesses = inside
    .filter(
      each =>
        !inside.some(
          other => other !== each && other.objectStart <= each.objectStart && each.objectEnd <= other.objectEnd,
        ),
    )
    .map(({ objectStart, objectEnd, chainEnd, name: privateName, isCallee }): Override => {
      const object = { start: objectStart, end: objectEnd }
      const below = others.filter(each => isIn(each, object))
      const write = () =>
        void to
          .raw(`${isCallee ? '(' : ''}${kernel}.late(${quote(name)},${quote(`#${privateName}`)},(`)
          .argument(objectStart, objectEnd, accessOverrides(plan, to, objectStart, objectEnd, below))
          .raw(isCallee ? ')))' : '))')
          .raw(chainEnd === undefined ? '' : '?.')
      return { ...object, end: chainEnd ?? objectEnd, write }
    })
  const rest = others.filter(each => !accesses.some(access => isIn(each, access)))
  return rest.length ? [...accesses, ...rest].sort((a, b) => a.start - b.start) : accesses
}
