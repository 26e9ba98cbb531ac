// Writes a class so that its object and its instances outlive their versions.
//
// Two objects stand for a class `C`. The *stable class* is what the program sees: its constructor, fields and members only hand calls on.
// The *version* is the class as written, made anew by each edit, its constructor and field initialisers among its methods. So the stable
// class makes its instances itself, as V8 likes it best. Where that cannot be, as below a superclass, or when an edit changed the fields,
// the version is a class whose instances have the stable class's prototype.
//
// Private names are declared once, natively, and the versions are written inside the class that declares them: the stable class if it
// makes its instances itself, and otherwise a *layer*, a class that gives its private members to the object it is constructed with. For
// instances a constructor on the way up does so, a *step*. It has no fields itself: V8 does not inline what is below one with fields.
//
// Longer than most: the functions that write the pieces share what is known of the class and its past.
import type { ClassHistory, DeclaredPrivate, Run } from './emit.js'
import type { ClassElement, ClassItem, ClassSpec } from './record.js'
import { handingOn, handOn, parameterList } from './trampoline.js'
import type { Override, Writer } from './writer.js'

const quote = (text: string) => JSON.stringify(text)

/** The slot a member's implementation stands in. */
export function slotOf(element: ClassElement): string {
  return `${element.isStatic ? 'static ' : ''}${element.kind}:${element.isPrivate ? '#' : ''}${element.name}`
}

/** What identifies a static field over the versions. */
export const staticKey = (element: ClassElement) =>
  `${element.isPrivate ? '#' : element.isComputed ? '[' : ''}${element.name}`

/** What a private name is: `static field`, `method`, `get set`, … */
export function privateShape(element: ClassElement, all: readonly ClassElement[]): string {
  const kinds = all.filter(each => each.isPrivate && each.name === element.name).map(each => each.kind)
  return `${element.isStatic ? 'static ' : ''}${kinds.sort().join(' ')}`
}

/** Whether the innermost layer that declares a private name declares it as the element needs. */
export function isDeclared(
  declared: ReadonlyMap<string, DeclaredPrivate> | undefined,
  element: ClassElement,
  { elements, heritage }: ClassSpec,
): boolean {
  const known = declared?.get(element.name)
  if (known?.shape !== privateShape(element, elements)) return false
  // A stable class cannot give its fields to what a superclass made.
  return !(known.isInStable && heritage)
}

const isInstanceField = (element: ClassElement) => element.kind === 'field' && !element.isStatic

/** What identifies an instance field over the versions. */
export const fieldName = (element: ClassElement) => `${element.isPrivate ? '#' : ''}${element.name}`

/** The slot of the function that a field starts as the result of. A private name that is declared once more has a slot of its own. */
export function fieldSlot(element: ClassElement, declared: DeclaredPrivate | undefined, isRedeclared: boolean): string {
  if (!element.isPrivate || !declared) return `field:${fieldName(element)}`
  return isRedeclared ? `${declared.slot}'` : declared.slot
}

/** The instance fields of a class whose stable class makes its instances, in order. */
export const fieldNames = ({ elements }: ClassSpec): string[] => elements.filter(isInstanceField).map(fieldName)

/** Whether the stable class makes the instances of a version. */
function isMadeByStable(spec: ClassSpec, history: ClassHistory | undefined): boolean {
  if (!history) return spec.isBase
  if (!spec.isBase || !history.fields || history.fields.join() !== fieldNames(spec).join()) return false
  return spec.elements.every(
    each => !each.isPrivate || each.isStatic || history.privates.get(each.name)?.isInStable === true,
  )
}

const kindText = ({ kind }: ClassElement) => (kind === 'method' ? '' : `${kind} `)

/** What follows the key of a member that only hands its calls on. A setter gets one value, whatever its `length`. */
const memberTrampoline = (to: Writer, element: ClassElement, slots: string) =>
  handingOn(to, { of: slots, key: slotOf(element) }, element.kind === 'set' ? { length: 1, takes: 1 } : element)

/** As many arguments of a constructor are handed up one by one. V8 inlines that, unless it is too long. */
const plainArguments = 3

const isMember = (element: ClassElement) =>
  element.kind === 'method' || element.kind === 'get' || element.kind === 'set'

interface StaticLiterals {
  holes(to: Writer, field: ClassElement): Override[]
  /** What their accessors hold, if there are some. */
  witness(to: Writer, field: ClassElement): string | undefined
}

/**
 * @param run the item's place in the plan, with its history
 * @param cells writes the bindings whose change makes a static initialiser run again, or a computed key
 * @param literals what stands for those of a static field
 */
export function emitClass(
  writer: Writer,
  item: ClassItem,
  run: Run,
  cells: (to: Writer, uses: readonly string[]) => string,
  { holes, witness }: StaticLiterals,
): void {
  const { spec } = item
  const { code } = writer.record
  const name = item.names[0]!
  const history = run.classHistory
  const kernel = writer.name('k')
  const privates = spec.elements.filter(each => each.isPrivate)
  const newPrivates = privates.filter(each => !isDeclared(history?.privates, each, spec))
  const isLayered = privates.length > 0 || (history?.privates.size ?? 0) > 0
  const isByStable = isMadeByStable(spec, history)
  const handedOn = handedOnFields()
  const assignedNames = spec.assigned.map(fieldName)
  const lateFields = [
    ...spec.elements.filter(each => !assignedNames.includes(fieldName(each))),
    ...spec.assigned,
  ].filter(
    each =>
      each.kind === 'field' &&
      !each.isStatic &&
      !each.isComputed &&
      history?.lateFields.has(fieldName(each)) &&
      !(each.isPrivate && handedOn.has(each)),
  )

  // What awaits cannot stand in the functions below: it is evaluated before them.
  const hoisted = item.isAsync ? hoistKeys() : new Map<ClassElement, string>()
  const heritageName = writer.name('y')
  if (item.isAsync && spec.heritage) {
    writer.raw(`const ${heritageName}=`)
    emitHeritage(spec.heritage)
    writer.raw(';')
  }
  for (const [element, key] of hoisted) {
    writer.raw(`const ${key}=`)
    emitKeyValue(writer, element, `${kernel}.propertyKey`)
    writer.raw(';')
  }
  writer.raw(`${kernel}.class(${quote(name)},{__proto__:null,`)
  if (item.isAsync && spec.heritage) writer.raw(`heritage:()=>${heritageName},`)
  else if (spec.heritage) {
    writer.raw('heritage:()=>')
    emitHeritage(spec.heritage)
    writer.raw(',')
  }
  const staticLayer = newPrivates.filter(each => each.isStatic)
  const instanceLayer = newPrivates.filter(each => !each.isStatic)
  const isStableLayer = run.isNew && isByStable && instanceLayer.length > 0
  const kinds = [
    staticLayer.length ? 'static' : '',
    instanceLayer.length ? (isStableLayer ? 'stable' : 'instance') : '',
  ].filter(Boolean)
  if (run.isNew) writer.raw('isNew:true,')
  if (isByStable) writer.raw('isByStable:true,')
  writer.raw(`layers:${JSON.stringify(kinds)},`)
  const fields = run.isNew && isByStable ? spec.elements.filter(isInstanceField) : instanceLayer.filter(isInstanceField)
  if (fields.length) writer.raw(`fields:${JSON.stringify(fields.map(slotOfField))},`)
  const isInLayers = (history?.privates.size ?? 0) > 0
  if (isInLayers) {
    // Only text compiled inside the layers of before sees their names: the kernel evaluates it there.
    const inner = writer.nested()
    inner.raw('return ')
    emitLayers(inner)
    const keys = [...hoisted.values()]
    const parameters = [...inner.begin(), ...keys]
    inner.output.prepend(`(function(${parameters.join()}){`)
    inner.raw('})')
    writer
      .raw('code:')
      .text(inner)
      .raw(`,arguments:[${[...inner.names(), ...keys].join()}],`)
  } else {
    writer.raw('version:')
    emitLayers(writer)
    writer.raw(',')
  }
  if (run.isNew) {
    if (!isStableLayer) {
      writer.raw('stable:')
      emitStable(writer)
      writer.raw(',')
    }
  } else {
    const added = publicMembers().filter(each => !history!.slots.has(slotOf(each)))
    if (added.length) {
      writer.raw('added:')
      emitMembers(writer, added)
      writer.raw(',')
    }
  }
  const statics = spec.elements.filter(each => each.isStatic && (each.kind === 'field' || each.kind === 'block'))
  writer.raw('statics:[')
  statics.forEach((element, index) => {
    const mode = run.statics?.[index] ?? 'run'
    writer.raw(`{__proto__:null,id:${quote(element.kind === 'block' ? '' : staticKey(element))}`)
    if (element.isComputed) writer.raw(',isComputed:true')
    if (element.isDecorating) writer.raw(',isDecorating:true')
    if (element.isAssigned) writer.raw(',isAssigned:true')
    if (mode !== 'run') writer.raw(`,when:${mode === 'keep' ? quote('kept') : cells(writer, mode)}`)
    writer.raw('},')
  })
  writer.raw('],')
  if (run.removedStatics?.length) writer.raw(`removedStatics:${JSON.stringify(run.removedStatics)},`)
  const takes = takenArguments()
  if (takes.length) writer.raw(`takes:{__proto__:null,${takes.join()}},`)
  if (run.keptSlots?.length) writer.raw(`kept:${JSON.stringify(run.keptSlots)},`)
  if (lateFields.length) writer.raw(`late:${JSON.stringify(lateFields.map(fieldName))},`)
  const assigned = lateFields.filter(each => spec.assigned.includes(each) && !each.isPrivate)
  if (assigned.length) writer.raw(`assigned:${JSON.stringify(assigned.map(fieldName))},`)
  writer.raw('})')

  function takenArguments(): string[] {
    const taking = spec.elements.filter(each => isMember(each) && !each.isComputed && each.takes !== undefined)
    const found = taking.map(each => `${quote(slotOf(each))}:${each.takes}`)
    const own = spec.elements.find(each => each.kind === 'constructor')
    if (isByStable && !(own && own.takes === undefined)) found.push(`new:${own?.takes ?? 0}`)
    return found
  }

  function hoistKeys(): Map<ClassElement, string> {
    const computed = spec.elements.filter(each => each.isComputed)
    return new Map(computed.map((each, index) => [each, writer.name(`y${index}`)]))
  }

  function slotOfField(each: ClassElement): string {
    return fieldSlot(each, history?.privates.get(each.name), newPrivates.includes(each))
  }

  function publicMembers(): ClassElement[] {
    return spec.elements.filter(each => isMember(each) && !each.isPrivate && !each.isComputed)
  }

  /** A function of heritage and slots for the version, wrapped in what layers are new. */
  function emitLayers(to: Writer): void {
    const heritage = to.name('h')
    const slots = to.name('s')
    // Constants, as in `Writer.begin`.
    const begin = `(function(${heritage}0,${slots}0){const ${heritage}=${heritage}0,${slots}=${slots}0;return `
    to.raw(begin)
    const layers = [staticLayer, instanceLayer].filter(each => each.length)
    const ends: string[] = []
    for (const members of layers) {
      if (members === instanceLayer && isStableLayer) {
        const end = beginStable(to)
        emitStableMembers(to)
        to.raw(`static{${kernel}.layer({__proto__:null,`)
        emitLayerHelpers(to, members, '', ',')
        ends.unshift(`}})}${end}`)
      } else {
        to.raw(`class extends ${heritage}{`)
        for (const each of members) emitPrivate(to, each)
        if (members === instanceLayer) emitStep(to)
        emitLayerHelpers(to, members, 'static ', '')
        ends.unshift('}}')
      }
      to.raw(begin)
    }
    emitVersion(to, heritage)
    to.raw(`})${ends.map(each => `${each}})`).join('')}`)
  }

  /** Reaches into what a layer declares. The last one is left open, for the code that is written inside. */
  function emitLayerHelpers(to: Writer, members: readonly ClassElement[], before: string, after: string): void {
    const [object, value] = [to.name('o'), to.name('p')]
    const seen = new Set<string>()
    for (const each of members) {
      if (each.kind === 'field') {
        // Of instances, only fields move: from the stable class to a layer, when a superclass came.
        const isMoved = history?.privates.get(each.name)?.shape === privateShape(each, spec.elements)
        const of = each.isStatic ? 'static ' : ''
        if (each.isStatic || isStableLayer)
          to.raw(`${before}"~regrow:get ${of}#${each.name}"(${object}){return ${object}.#${each.name}}${after}`)
        if (each.isStatic || isMoved)
          to.raw(
            `${before}"~regrow:set ${of}#${each.name}"(${object},${value}){${object}.#${each.name}=${value}}${after}`,
          )
      }
      if (seen.has(each.name)) continue
      seen.add(each.name)
      to.raw(`${before}"~regrow:has #${each.name}"(${object}){return #${each.name} in ${object}}${after}`)
    }
    to.raw(`${before}"~regrow:eval"(${to.name('e')}){return eval(${to.name('e')})}${after}`)
    to.raw(`${before}"~regrow:in"(){return `)
  }

  /** The constructor on the way up that gives a layer's members to each instance. */
  function emitStep(to: Writer): void {
    const [above, layer, step, object] = [to.name('h'), to.name('o'), to.name('g'), to.name('x')]
    to.raw(
      `static "~regrow:step"(${above}0){const ${above}=${above}0,${layer}=this;const ${step}=class extends ${above}{`,
    )
    // Not `...arguments`, which would run what the program made of iterators.
    const names = Array.from({ length: plainArguments }, (_, index) => to.name(`p${index}`))
    const calls = [0, ...names].map((_, count) => `case ${count}:super(${names.slice(0, count)});break;`)
    to.raw(`constructor(${names}){switch(arguments.length){${calls.join('')}default:{const ${object}=`)
    to.raw(`${to.name('r')}(${kernel}.above(${step}),arguments,new.target);`)
    emitEntry(to, layer, object)
    to.raw(`return ${object}}}`)
    emitEntry(to, layer, 'this')
    to.raw(`}};return ${step}}`)
  }

  /** Gives an object a layer's members. Of a name that came late it may have been asked before: then it has them, and its fields start over. */
  function emitEntry(to: Writer, layer: string, object: string): void {
    if (history) {
      to.raw(`if(#${instanceLayer[0]!.name} in ${object}){`)
      for (const each of instanceLayer) {
        if (each.kind !== 'field') continue
        to.raw(`${object}.#${each.name}=${to.name('f')}(${to.name('s')}[${quote(slotOfField(each))}],${object});`)
      }
      to.raw('}else ')
    }
    to.raw(`new ${layer}(${object});`)
  }

  function emitPrivate(to: Writer, each: ClassElement): void {
    if (each.kind === 'field') emitField(to, each, each.isStatic ? undefined : to.name('s'))
    else to.raw(`${kindText(each)}#${each.name}${memberTrampoline(to, each, to.name('s'))}`)
  }

  /** A field that starts as what a function in a slot returns, or as undefined. */
  function emitField(to: Writer, each: ClassElement, slots: string | undefined): void {
    to.raw(each.isPrivate ? `#${each.name}` : code.slice(each.keyStart, each.keyEnd))
    if (slots) to.raw(`=${to.name('f')}(${slots}[${quote(slotOfField(each))}],this)`)
    to.raw(';')
  }

  /**
   * The fields whose initialisers are methods, which run where the stable class or a layer defines the field. Layers do so before the version
   * defines its first field, and in the order in which the names came.
   */
  function handedOnFields(): Set<ClassElement> {
    const instanceFields = spec.elements.filter(isInstanceField)
    if (isByStable) return new Set(instanceFields)
    const found = new Set<ClassElement>()
    let last = -1
    for (const each of instanceFields) {
      const place = placeOf(each)
      // In a method `eval` could name `arguments`.
      if (place === undefined || each.evaluates) last = Infinity
      else if (each.isConstant) found.add(each)
      else if (place > last) {
        last = place
        found.add(each)
      } else last = Infinity
    }
    return found
  }

  /** Which layer's field it is, as a number that grows in the order in which layers define them. */
  function placeOf(each: ClassElement): number | undefined {
    if (!each.isPrivate) return undefined
    if (newPrivates.includes(each)) return 1e9 + each.start
    const known = history!.privates.get(each.name)!
    return known.isInStable ? undefined : known.place
  }

  function emitVersion(to: Writer, heritage: string): void {
    const needsName = spec.ownName === undefined
    if (needsName) to.raw(`({${quote(spec.givenName)}:`)
    const own = spec.elements.find(each => each.kind === 'constructor')
    // A base class is written as a derived one: what makes its instances is then no version, and they all share their hidden class.
    const isAlone = isByStable || (!spec.heritage && !isLayered && own?.needsBase === true)
    to.token(`class ${spec.ownName ?? ''}${isAlone ? '' : ` extends ${heritage}`}`, spec.start)
    const overrides = spec.elements.flatMap(each => versionOverrides(to, each))
    if (isByStable) overrides.push(constructorMethod(to, own))
    else if (!spec.heritage && !isAlone) overrides.push(...callsUp(to, own))
    overrides.sort((a, b) => a.start - b.start)
    to.range(spec.bodyStart, spec.end - 1, overrides)
    for (const each of lateFields) {
      to.raw(`;${quote(`~regrow:late ${fieldName(each)}`)}(){return ${each.isPrivate ? `this.#${each.name}=` : ''}`)
      emitInitializer(to, each)
      to.raw('}')
    }
    to.raw('}')
    if (needsName) to.raw(`})[${quote(spec.givenName)}]`)
  }

  /** The constructor of a class whose stable class makes its instances. */
  function constructorMethod(to: Writer, own: ClassElement | undefined): Override {
    const key = quote(`~regrow:new ${spec.ownName ?? spec.givenName}`)
    if (own) return { start: own.keyStart, end: own.keyEnd, write: () => void to.raw(key) }
    const { bodyStart } = spec
    return { start: bodyStart, end: bodyStart + 1, write: () => void to.token(`{${key}(){}`, spec.start) }
  }

  /** The constructor of a base class that is written as a derived one. @param own as written, if it has one */
  function callsUp(to: Writer, own: ClassElement | undefined): Override[] {
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

  function emitInitializer(to: Writer, element: ClassElement): void {
    if (element.valueStart === element.valueEnd) {
      to.raw('void 0')
      return
    }
    const shown = `${element.isPrivate ? '#' : ''}${element.name}`
    const named = element.takesName && !element.isComputed
    const alive = witness(to, element)
    if (alive) to.raw(`(${to.name('w')}=>`)
    to.raw(named ? `({${shown === '__proto__' ? '["__proto__"]' : quote(shown)}:` : '(')
    to.range(element.valueStart, element.valueEnd, initializerOverrides(to, element))
    to.raw(named ? `})[${quote(shown)}]` : ')')
    if (alive) to.raw(`)(${alive})`)
  }

  function initializerOverrides(to: Writer, element: ClassElement): Override[] {
    const { valueStart, valueEnd, literals } = element
    return accessOverrides(to, valueStart, valueEnd, literals.length ? holes(to, element) : [])
  }

  /**
   * `o.#x` where `#x` came with a later version: an older instance gets the field when it is first touched.
   * @param others what else stands there, some perhaps inside of `o`
   * @returns all of them, in order
   */
  function accessOverrides(to: Writer, start: number, end: number, others: readonly Override[] = []): Override[] {
    const inside = spec.privateAccesses.filter(
      each =>
        start <= each.objectStart &&
        each.objectEnd <= end &&
        !(start === each.objectStart && each.objectEnd === end) &&
        isLatePrivate(each.name),
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
      .map(({ objectStart, objectEnd, name: privateName, isCallee }): Override => {
        const object = { start: objectStart, end: objectEnd }
        const below = others.filter(each => isIn(each, object))
        const write = () =>
          void to
            .raw(`${isCallee ? '(' : ''}${kernel}.late(${quote(name)},${quote(`#${privateName}`)},`)
            .range(objectStart, objectEnd, accessOverrides(to, objectStart, objectEnd, below))
            .raw(isCallee ? '))' : ')')
        return { ...object, write }
      })
    const rest = others.filter(each => !accesses.some(access => isIn(each, access)))
    return rest.length ? [...accesses, ...rest].sort((a, b) => a.start - b.start) : accesses
  }

  function isLatePrivate(privateName: string): boolean {
    return history?.lateFields.has(`#${privateName}`) ?? false
  }

  /** What differs between an element as written and in the version. */
  function versionOverrides(to: Writer, each: ClassElement): Override[] {
    if (each.isStatic && (each.kind === 'field' || each.kind === 'block')) {
      return [{ start: each.start, end: each.end, write: () => emitStatic(to, each) }]
    }
    const inside = accessOverrides(to, each.isComputed ? each.keyEnd : each.start, each.end)
    if (each.isComputed) return [{ start: each.keyStart, end: each.keyEnd, write: () => emitKey(to, each) }, ...inside]
    if (handedOn.has(each)) return [{ start: each.start, end: each.end, write: () => emitFieldMethod(to, each) }]
    if (!each.isPrivate) return inside
    if (each.kind !== 'field') {
      return [
        { start: each.keyStart, end: each.keyEnd, write: () => void to.raw(quote(`~regrow:#${each.name}`)) },
        ...inside,
      ]
    }
    return [{ start: each.start, end: each.end, write: () => emitPrivateField(to, each) }]
  }

  function emitFieldMethod(to: Writer, each: ClassElement): void {
    to.raw(`${quote(`~regrow:${slotOfField(each)}`)}(){return `)
    emitInitializer(to, each)
    to.raw('}')
  }

  function emitPrivateField(to: Writer, each: ClassElement): void {
    to.raw(`#${to.name('d')}${each.start}=void (this.#${each.name}=`)
    emitInitializer(to, each)
    to.raw(');')
  }

  function emitStatic(to: Writer, each: ClassElement): void {
    const index = spec.elements
      .filter(other => other.isStatic && (other.kind === 'field' || other.kind === 'block'))
      .indexOf(each)
    const id = `~regrow:${index}`
    to.raw('static ')
    if (each.isComputed) emitKey(to, each, id)
    else to.raw(quote(id))
    to.raw('(){')
    if (each.kind === 'block') {
      to.range(each.valueStart + 1, each.valueEnd - 1, accessOverrides(to, each.valueStart, each.valueEnd)).raw('\n}')
      return
    }
    to.raw(each.isPrivate ? `this.#${each.name}=` : 'return ')
    emitInitializer(to, each)
    to.raw('}')
  }

  /** A computed key, which the kernel takes note of. @param shown what stands in its place */
  function emitKey(to: Writer, each: ClassElement, shown?: string): void {
    to.raw(`[${kernel}.keep(${quote(slotOf(each))},`)
    const value = hoisted.get(each)
    if (value) to.raw(value)
    else emitKeyValue(to, each, '')
    to.raw(shown ? `,${quote(shown)})]` : ')]')
  }

  /** What stands after `extends`; a superclass that it made before, unless a value it names changed (R4). */
  function emitHeritage({ start, end, made }: NonNullable<ClassSpec['heritage']>): void {
    if (run.keptSlots && made && made.signature === history?.heritage) {
      const uses = made.uses.length ? `,${cells(writer, made.uses)}` : ''
      writer.raw(`${kernel}.keptHeritage(${quote(name)}${uses})??`)
    }
    writer.raw('(').range(start, end).raw(')')
  }

  /** What a computed key was before, unless it is new or a value it names changed (R4). @param key what takes a new one */
  function emitKeyValue(to: Writer, each: ClassElement, key: string): void {
    if (run.keptSlots) {
      const uses = each.keyUses.length ? `,${cells(to, each.keyUses)}` : ''
      to.raw(`${kernel}.kept(${quote(name)},${quote(slotOf(each))}${uses})??`)
    }
    to.raw(`${key}(`)
      .range(each.keyStart + 1, each.keyEnd - 1)
      .raw(')')
  }

  /** The class the program sees. */
  function emitStable(to: Writer): void {
    to.raw(`(function(${to.name('h')},${to.name('s')}){return `)
    const end = beginStable(to)
    emitStableMembers(to)
    to.raw(`${end}})`)
  }

  /** @returns what ends it */
  function beginStable(to: Writer): string {
    const needsName = spec.ownName === undefined
    if (needsName) to.raw(`({${quote(spec.givenName)}:`)
    to.raw(`class ${spec.ownName ?? ''}${isByStable ? '' : ` extends ${to.name('h')}`}{`)
    return needsName ? `}})[${quote(spec.givenName)}]` : '}'
  }

  function emitStableMembers(to: Writer): void {
    const slots = to.name('s')
    if (isByStable) {
      const own = spec.elements.find(each => each.kind === 'constructor')
      for (const each of spec.elements) {
        if (each.isStatic) continue
        if (each.isPrivate) emitPrivate(to, each)
        else if (each.kind === 'field') emitField(to, each, slots)
      }
      const handed = own ?? { length: 0, takes: 0 }
      // What comes from a field's initialiser has the constructor's place on the stack.
      to.token(`constructor(${parameterList(to, handed)}){`, own ? own.valueStart : spec.start)
      to.raw(`return ${slots}.how===void 0?${handOn(to, { of: slots, key: 'new' }, handed)}`)
      to.raw(`:${slots}.how(this,arguments,new.target)}`)
    } else to.raw(`constructor(){return ${to.name('r')}(${slots}.new,arguments,new.target)}`)
    for (const each of publicMembers()) emitMember(to, each)
  }

  /** Members to be moved over to the stable class. */
  function emitMembers(to: Writer, members: readonly ClassElement[]): void {
    to.raw(`(${to.name('h')},${to.name('s')})=>class{`)
    for (const each of members) emitMember(to, each)
    to.raw('}')
  }

  function emitMember(to: Writer, each: ClassElement): void {
    const key = code.slice(each.keyStart, each.keyEnd)
    to.raw(`${each.isStatic ? 'static ' : ''}${kindText(each)}${key}${memberTrampoline(to, each, to.name('s'))}`)
  }
}
