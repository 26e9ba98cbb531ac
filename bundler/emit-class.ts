// Writes a class so that its object and its instances outlive their versions.
//
// Two objects stand for a class `C`. The *stable class* is what the program sees: its constructor, fields and members only hand calls on
// (bundler/emit-stable.ts). The *version* is the class as written, made anew by each edit, its constructor and field initialisers among its
// methods (bundler/emit-version.ts). So the stable class makes its instances itself, as V8 likes it best. Where that cannot be, as below a
// superclass, or when an edit changed the fields, the version is a class whose instances have the stable class's prototype.
//
// Private names are declared once, natively, and the versions are written inside the class that declares them: the stable class if it
// makes its instances itself, and otherwise a *layer*, a class that gives its private members to the object it is constructed with
// (bundler/emit-layers.ts). For instances a constructor on the way up does so, a *step*. It has no fields itself: V8 does not inline what is
// below one with fields.
import { type ClassPlan, planClass } from './class-plan.js'
import { fieldName, isInstanceField, isMember, publicMembers, slotOf, staticKey, staticsOf } from './class-slots.js'
import { emitLayers } from './emit-layers.js'
import { emitMembers, emitStable } from './emit-stable.js'
import { emitKeyValue } from './emit-version.js'
import type { ClassSpec } from './record.js'
import { quote } from './writer.js'

/** Writes what tells the kernel of a class: of its next version, and of the stable class where it is new. */
export function emitClass(...given: Parameters<typeof planClass>): void {
  const plan = planClass(...given)
  const [writer, { isAsync }] = given
  const { spec, name, run, isByStable, kernel } = plan
  const { heritage } = spec
  const heritageName = writer.name('y')
  // What awaits cannot stand in the functions below: it is evaluated before them.
  if (isAsync && heritage) {
    writer.raw(`const ${heritageName}=`)
    emitHeritage(plan, heritage)
    writer.raw(';')
  }
  for (const [element, key] of plan.hoisted) {
    writer.raw(`const ${key}=`)
    emitKeyValue(plan, writer, element, `${kernel}.propertyKey`)
    writer.raw(';')
  }
  writer.raw(`${kernel}.class(${quote(name)},{__proto__:null,`)
  if (heritage) {
    writer.raw('heritage:()=>')
    if (isAsync) writer.raw(heritageName)
    else emitHeritage(plan, heritage)
    writer.raw(',')
  }
  if (run.isNew) writer.raw('isNew:true,')
  if (run.isSame) writer.raw('isSame:true,')
  if (isByStable) writer.raw('isByStable:true,')
  emitLayerKinds(plan)
  emitNextVersion(plan)
  emitPublic(plan)
  emitStatics(plan)
  if (run.removedStatics?.length) writer.raw(`removedStatics:${JSON.stringify(run.removedStatics)},`)
  const takes = takenArguments(plan)
  if (takes.length) writer.raw(`takes:{__proto__:null,${takes.join()}},`)
  if (run.keptSlots?.length) writer.raw(`kept:${JSON.stringify(run.keptSlots)},`)
  emitLateFields(plan)
  writer.raw('})')
}

/** What stands after `extends`; a superclass that it made before, unless a value it names changed (R4). */
function emitHeritage(
  { writer, run, history, kernel, name, cells }: ClassPlan,
  { start, end, made }: NonNullable<ClassSpec['heritage']>,
): void {
  if (run.keptSlots && made && made.signature === history?.heritage) {
    const uses = made.uses.length ? `,${cells(writer, made.uses)}` : ''
    writer.raw(`${kernel}.keptHeritage(${quote(name)}${uses})??`)
  }
  writer.raw('(').range(start, end).raw(')')
}

/** Which layers are new, from the outermost, and the slots of the fields that they and the stable class define. */
function emitLayerKinds(plan: ClassPlan): void {
  const { writer, spec, run, isByStable, isStableLayer, staticLayer, instanceLayer, slotOfField } = plan
  const kinds: string[] = []
  if (staticLayer.length) kinds.push('static')
  if (instanceLayer.length) kinds.push(isStableLayer ? 'stable' : 'instance')
  writer.raw(`layers:${JSON.stringify(kinds)},`)
  const defining = run.isNew && isByStable ? spec.elements : instanceLayer
  const fields = defining.filter(isInstanceField)
  if (fields.length) writer.raw(`fields:${JSON.stringify(fields.map(slotOfField))},`)
}

function emitNextVersion(plan: ClassPlan): void {
  const { writer, history, hoisted } = plan
  if (!history?.privates.size) {
    writer.raw('version:')
    emitLayers(plan, writer)
    writer.raw(',')
    return
  }
  // Only text compiled inside the layers of before sees their names: the kernel evaluates it there.
  const inner = writer.nested()
  inner.raw('return ')
  emitLayers(plan, inner)
  const keys = [...hoisted.values()]
  const parameters = [...inner.begin(), ...keys]
  inner.output.prepend(`(function(${parameters.join()}){`)
  inner.raw('})')
  writer
    .raw('code:')
    .text(inner)
    .raw(`,arguments:[${[...inner.names(), ...keys].join()}],`)
}

/** The stable class where it is new, and not a layer; otherwise the members that it has not got yet. */
function emitPublic(plan: ClassPlan): void {
  const { writer, spec, run, history, isStableLayer } = plan
  if (run.isNew) {
    if (isStableLayer) return
    writer.raw('stable:')
    emitStable(plan, writer)
    writer.raw(',')
    return
  }
  const added = publicMembers(spec).filter(each => !history!.slots.has(slotOf(each)))
  if (added.length === 0) return
  writer.raw('added:')
  emitMembers(writer, added)
  writer.raw(',')
}

function emitStatics({ writer, spec, run, cells }: ClassPlan): void {
  writer.raw('statics:[')
  staticsOf(spec).forEach((element, index) => {
    const mode = run.statics?.[index] ?? 'run'
    writer.raw(`{__proto__:null,id:${quote(element.kind === 'block' ? '' : staticKey(element))}`)
    if (element.isComputed) writer.raw(',isComputed:true')
    if (element.isDecorating) writer.raw(',isDecorating:true')
    if (element.isAssigned) writer.raw(',isAssigned:true')
    if (mode !== 'run') writer.raw(`,when:${mode === 'keep' ? quote('kept') : cells(writer, mode)}`)
    writer.raw('},')
  })
  writer.raw('],')
}

/** How many arguments members take, by slot, as properties. */
function takenArguments({ spec, isByStable }: ClassPlan): string[] {
  const taking = spec.elements.filter(each => isMember(each) && !each.isComputed && each.takes !== undefined)
  const found = taking.map(each => `${quote(slotOf(each))}:${each.takes}`)
  const own = spec.elements.find(each => each.kind === 'constructor')
  if (isByStable && !(own && own.takes === undefined)) found.push(`new:${own?.takes ?? 0}`)
  return found
}

function emitLateFields({ writer, spec, lateFields }: ClassPlan): void {
  if (lateFields.length) writer.raw(`late:${JSON.stringify(lateFields.map(fieldName))},`)
  const assigned = lateFields.filter(each => spec.assigned.includes(each) && !each.isPrivate)
  if (assigned.length) writer.raw(`assigned:${JSON.stringify(assigned.map(fieldName))},`)
}
