// Writes a class so that its object and its instances outlive their versions.
//
// Three objects stand for a class `C`. The *stable class* is what the program sees: its constructor and members only hand calls on.
// The *version* is the class as written, made anew by each edit. Where there are private names, *layers* stand between the version
// and its superclass: they declare the names once, natively, and the versions are written inside them. A layer is a class that gives
// its private members to the object it is constructed with. For those of instances a constructor on the way up does so, which has no
// fields itself: V8 does not inline a constructor below one with fields.
//
// Longer than most: the functions that write the pieces share what is known of the class and its past.
import type { DeclaredPrivate, Run } from './emit.js'
import type { ClassElement, ClassItem } from './record.js'
import { handingOn, parameterList } from './trampoline.js'
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
  all: readonly ClassElement[],
): boolean {
  return declared?.get(element.name)?.shape === privateShape(element, all)
}

const kindText = ({ kind }: ClassElement) => (kind === 'method' ? '' : `${kind} `)

/** What follows the key of a member that only hands its calls on. A setter gets one value, whatever its `length`. */
const memberTrampoline = (to: Writer, element: ClassElement, slots: string) =>
  handingOn(to, `${slots}[${quote(slotOf(element))}]`, element.kind === 'set' ? 1 : element.length)

/** As many arguments of a constructor are handed up one by one, which V8 inlines. */
const plainArguments = 6

const isMember = (element: ClassElement) =>
  element.kind === 'method' || element.kind === 'get' || element.kind === 'set'

/** What a constant private field starts as, written in its layer; undefined when its initialiser must run at its place. */
export function layerConstant(element: ClassElement, code: string): string | undefined {
  if (element.kind !== 'field' || !element.isConstant) return undefined
  return code.slice(element.valueStart, element.valueEnd)
}

/**
 * @param run the item's place in the plan, with its history
 * @param cells writes the bindings whose change makes a static initialiser run again
 */
export function emitClass(writer: Writer, item: ClassItem, run: Run, cells: (uses: readonly string[]) => string): void {
  const { spec } = item
  const { code } = writer.record
  const name = item.names[0]!
  const history = run.classHistory
  const kernel = writer.name('k')
  const privates = spec.elements.filter(each => each.isPrivate)
  const newPrivates = privates.filter(each => !isDeclared(history?.privates, each, spec.elements))
  const isLayered = privates.length > 0 || (history?.privates.size ?? 0) > 0
  const lateFields = spec.elements.filter(
    each =>
      each.kind === 'field' &&
      !each.isStatic &&
      !each.isComputed &&
      history?.lateFields.has(`${each.isPrivate ? '#' : ''}${each.name}`),
  )

  // What awaits cannot stand in the functions below: it is evaluated before them.
  const hoisted = item.isAsync ? hoistKeys() : new Map<ClassElement, string>()
  const heritageName = writer.name('y')
  if (item.isAsync && spec.heritage)
    writer.raw(`const ${heritageName}=(`).range(spec.heritage.start, spec.heritage.end).raw(');')
  for (const [element, key] of hoisted)
    writer
      .raw(`const ${key}=${kernel}.propertyKey(`)
      .range(element.keyStart + 1, element.keyEnd - 1)
      .raw(');')
  writer.raw(`${kernel}.class(${quote(name)},{__proto__:null,`)
  if (item.isAsync && spec.heritage) writer.raw(`heritage:()=>${heritageName},`)
  else if (spec.heritage) writer.raw('heritage:()=>(').range(spec.heritage.start, spec.heritage.end).raw('),')
  const staticLayer = newPrivates.filter(each => each.isStatic)
  const instanceLayer = newPrivates.filter(each => !each.isStatic)
  const kinds = [staticLayer.length ? 'static' : '', instanceLayer.length ? 'instance' : ''].filter(Boolean)
  writer.raw(`layers:${JSON.stringify(kinds)},`)
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
    writer.raw('stable:')
    emitStable(writer, true)
    writer.raw(',')
  } else {
    const added = publicMembers().filter(each => !history!.slots.has(slotOf(each)))
    if (added.length) {
      writer.raw('added:')
      emitStable(writer, false)
      writer.raw(',')
    }
  }
  const statics = spec.elements.filter(each => each.isStatic && (each.kind === 'field' || each.kind === 'block'))
  writer.raw('statics:[')
  statics.forEach((element, index) => {
    const mode = run.statics?.[index] ?? 'run'
    writer.raw(`{__proto__:null,id:${quote(element.kind === 'block' ? '' : staticKey(element))}`)
    if (element.isComputed) writer.raw(',isComputed:true')
    if (mode !== 'run') writer.raw(`,when:${mode === 'keep' ? quote('kept') : cells(element.uses)}`)
    writer.raw('},')
  })
  writer.raw('],')
  if (run.removedStatics?.length) writer.raw(`removedStatics:${JSON.stringify(run.removedStatics)},`)
  if (run.keptSlots?.length) writer.raw(`kept:${JSON.stringify(run.keptSlots)},`)
  if (lateFields.length)
    writer.raw(`late:${JSON.stringify(lateFields.map(each => `${each.isPrivate ? '#' : ''}${each.name}`))},`)
  writer.raw('})')

  function hoistKeys(): Map<ClassElement, string> {
    const computed = spec.elements.filter(each => each.isComputed)
    return new Map(computed.map((each, index) => [each, writer.name(`y${index}`)]))
  }

  function publicMembers(): ClassElement[] {
    return spec.elements.filter(each => isMember(each) && !each.isPrivate && !each.isComputed)
  }

  /** `(heritage, slots) => …` for the version, wrapped in what layers are new. */
  function emitLayers(to: Writer): void {
    const heritage = to.name('h')
    const slots = to.name('s')
    // Constants, as in `Writer.begin`.
    const begin = `(${heritage}0,${slots}0)=>{const ${heritage}=${heritage}0,${slots}=${slots}0;return `
    to.raw(begin)
    const layers = [staticLayer, instanceLayer].filter(each => each.length)
    for (const members of layers) {
      to.raw(`class extends ${heritage}{`)
      emitLayerMembers(to, members, slots)
      if (members === instanceLayer) emitStep(to)
      to.raw(
        `static "~regrow:eval"(${to.name('e')}){return eval(${to.name('e')})}static "~regrow:in"(){return ${begin}`,
      )
    }
    emitVersion(to, heritage)
    for (const _ of layers) to.raw('}}}')
    to.raw('}')
  }

  /** The constructor on the way up that gives a layer's members to each instance. */
  function emitStep(to: Writer): void {
    const [above, layer, step, object] = [to.name('h'), to.name('o'), to.name('g'), to.name('x')]
    to.raw(
      `static "~regrow:step"(${above}0){const ${above}=${above}0,${layer}=this;const ${step}=class extends ${above}{`,
    )
    if (spec.heritage) {
      // Not `...arguments`, which would run what the program made of iterators.
      const names = Array.from({ length: plainArguments }, (_, index) => to.name(`p${index}`))
      const calls = [0, ...names].map((_, count) => `case ${count}:super(${names.slice(0, count)});break;`)
      to.raw(`constructor(${names}){switch(arguments.length){${calls.join('')}default:{const ${object}=`)
      to.raw(
        `${to.name('r')}(${kernel}.above(${step}),arguments,new.target);new ${layer}(${object});return ${object}}}`,
      )
    } else to.raw('constructor(){super();')
    to.raw(`new ${layer}(this)}};return ${step}}`)
  }

  function emitLayerMembers(to: Writer, members: readonly ClassElement[], slots: string): void {
    const seen = new Set<string>()
    for (const each of members) {
      if (each.kind === 'field') to.raw(`#${each.name}${constantText(each)};`)
      else {
        to.raw(`${kindText(each)}#${each.name}${memberTrampoline(to, each, slots)}`)
      }
      if (each.isStatic && each.kind === 'field') {
        const [object, value] = [to.name('o'), to.name('p')]
        to.raw(`static ${quote(`~regrow:get #${each.name}`)}(${object}){return ${object}.#${each.name}}`)
        to.raw(`static ${quote(`~regrow:set #${each.name}`)}(${object},${value}){${object}.#${each.name}=${value}}`)
      }
      if (seen.has(each.name)) continue
      seen.add(each.name)
      to.raw(`static ${quote(`~regrow:has #${each.name}`)}(${to.name('o')}){return #${each.name} in ${to.name('o')}}`)
    }
  }

  function constantText(element: ClassElement): string {
    const constant = element.isStatic ? undefined : layerConstant(element, code)
    return constant ? `=${constant}` : ''
  }

  function emitVersion(to: Writer, heritage: string): void {
    const needsName = spec.ownName === undefined
    if (needsName) to.raw(`({${quote(spec.givenName)}:`)
    const own = spec.elements.find(each => each.kind === 'constructor')
    // A base class is written as a derived one: what makes its instances is then no version, and they all share their hidden class.
    const isBase = !spec.heritage && !isLayered && own?.needsBase === true
    to.token(`class ${spec.ownName ?? ''}${isBase ? '' : ` extends ${heritage}`}`, spec.start)
    const overrides = spec.elements.flatMap(each => versionOverrides(to, each))
    if (!spec.heritage && !isBase) overrides.push(...callsUp(to, own))
    overrides.sort((a, b) => a.start - b.start)
    to.range(spec.bodyStart, spec.end - 1, overrides)
    for (const each of lateFields) {
      to.raw(
        `;${quote(`~regrow:late ${each.isPrivate ? '#' : ''}${each.name}`)}(){return ${each.isPrivate ? `this.#${each.name}=` : ''}`,
      )
      emitInitializer(to, each)
      to.raw('}')
    }
    to.raw('}')
    if (needsName) to.raw(`})[${quote(spec.givenName)}]`)
  }

  /** The constructor of a base class that is written as a derived one. @param own as written, if it has one */
  function callsUp(to: Writer, own: ClassElement | undefined): Override[] {
    const at = (start: number, end: number, write: () => unknown) => ({ start, end, write: () => void write() })
    const { bodyStart: classBody } = spec
    // The constructor that V8 would give it iterates over its arguments.
    if (!own) return [at(classBody, classBody + 1, () => to.token('{constructor(){super()}', spec.start))]
    const { valueStart, bodyStart, end, length } = own
    if (!own.needsBase) return [at(bodyStart, bodyStart + 1, () => to.token('{super();', valueStart))]
    // Parameters and body go into a function of their own, which runs when there is a `this`, and whose result decides nothing else.
    const head = `(${parameterList(to, length)}){super();`
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
    to.raw(named ? `({${shown === '__proto__' ? '["__proto__"]' : quote(shown)}:` : '(')
    to.range(element.valueStart, element.valueEnd, accessOverrides(to, element.valueStart, element.valueEnd))
    to.raw(named ? `})[${quote(shown)}]` : ')')
  }

  /** `o.#x` where `#x` came with a later version: an older instance gets the field when it is first touched. */
  function accessOverrides(to: Writer, start: number, end: number): Override[] {
    const inside = spec.privateAccesses.filter(
      each =>
        start <= each.objectStart &&
        each.objectEnd <= end &&
        !(start === each.objectStart && each.objectEnd === end) &&
        isLatePrivate(each.name),
    )
    return inside
      .filter(
        each =>
          !inside.some(
            other => other !== each && other.objectStart <= each.objectStart && each.objectEnd <= other.objectEnd,
          ),
      )
      .map(({ objectStart, objectEnd, name: privateName }) => ({
        start: objectStart,
        end: objectEnd,
        write: () =>
          void to
            .raw(`${kernel}.late(${quote(name)},${quote(`#${privateName}`)},`)
            .range(objectStart, objectEnd, accessOverrides(to, objectStart, objectEnd))
            .raw(')'),
      }))
  }

  function isLatePrivate(privateName: string): boolean {
    return history?.lateFields.has(`#${privateName}`) ?? false
  }

  /** What differs between an element as written and in the version. */
  function versionOverrides(to: Writer, each: ClassElement): Override[] {
    if (each.isStatic && (each.kind === 'field' || each.kind === 'block')) {
      return [{ start: each.start, end: each.end, write: () => emitStatic(to, each) }]
    }
    const inside = accessOverrides(to, each.start, each.end)
    const key = hoisted.get(each)
    if (key) return [{ start: each.keyStart, end: each.keyEnd, write: () => void to.raw(`[${key}]`) }, ...inside]
    if (!each.isPrivate) return inside
    if (each.kind !== 'field') {
      return [
        { start: each.keyStart, end: each.keyEnd, write: () => void to.raw(quote(`~regrow:#${each.name}`)) },
        ...inside,
      ]
    }
    return [{ start: each.start, end: each.end, write: () => emitPrivateField(to, each) }]
  }

  function emitPrivateField(to: Writer, each: ClassElement): void {
    const constant = layerConstant(each, code)
    const declared = isDeclared(history?.privates, each, spec.elements)
      ? history!.privates.get(each.name)!.constant
      : constant
    if (each.isConstant && declared === constant) {
      to.raw(';')
      return
    }
    to.raw(`#${to.name('d')}${each.start}=void (this.#${each.name}=`)
    emitInitializer(to, each)
    to.raw(');')
  }

  function emitStatic(to: Writer, each: ClassElement): void {
    const index = spec.elements
      .filter(other => other.isStatic && (other.kind === 'field' || other.kind === 'block'))
      .indexOf(each)
    const id = `~regrow:${index}`
    if (each.isComputed) {
      to.raw(`static [${kernel}.key(${index},(`)
      if (hoisted.has(each)) to.raw(hoisted.get(each)!)
      else to.range(each.keyStart + 1, each.keyEnd - 1)
      to.raw('))](){')
    } else to.raw(`static ${quote(id)}(){`)
    if (each.kind === 'block') {
      to.range(each.valueStart + 1, each.valueEnd - 1, accessOverrides(to, each.valueStart, each.valueEnd)).raw('\n}')
      return
    }
    to.raw(each.isPrivate ? `this.#${each.name}=` : 'return ')
    emitInitializer(to, each)
    to.raw('}')
  }

  /** The class the program sees; with `isWhole` false only the members that are new, to be moved over. */
  function emitStable(to: Writer, isWhole: boolean): void {
    const slots = to.name('s')
    const heritage = to.name('h')
    const needsName = spec.ownName === undefined
    to.raw(`(${heritage},${slots})=>`)
    if (isWhole && needsName) to.raw(`({${quote(spec.givenName)}:`)
    to.raw(isWhole ? `class ${spec.ownName ?? ''} extends ${heritage}{` : 'class{')
    if (isWhole) to.raw(`constructor(){return ${to.name('r')}(${slots}.new,arguments,new.target)}`)
    const members = isWhole ? publicMembers() : publicMembers().filter(each => !history!.slots.has(slotOf(each)))
    for (const each of members) {
      const key = code.slice(each.keyStart, each.keyEnd)
      to.raw(`${each.isStatic ? 'static ' : ''}${kindText(each)}${key}${memberTrampoline(to, each, slots)}`)
    }
    to.raw('}')
    if (isWhole && needsName) to.raw(`})[${quote(spec.givenName)}]`)
  }
}
