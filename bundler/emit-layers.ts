// Layers: where private names are declared, once, around the code that says them.
import type { ClassPlan } from './class-plan.js'
import { privateShape } from './class-slots.js'
import { beginStable, emitPrivate, emitStableMembers } from './emit-stable.js'
import { emitVersion } from './emit-version.js'
import type { ClassElement } from './record.js'
import { quote, type Writer } from './writer.js'

/** As many arguments of a constructor are handed up one by one. V8 inlines that, unless it is too long. */
const plainArguments = 3

/** A function of heritage and slots for the version, wrapped in what layers are new. */
export function emitLayers(plan: ClassPlan, to: Writer): void {
  const { kernel, staticLayer, instanceLayer, isStableLayer } = plan
  const heritage = to.name('h')
  const slots = to.name('s')
  // Constants, as in `Writer.begin`.
  const begin = `(function(${heritage}0,${slots}0){const ${heritage}=${heritage}0,${slots}=${slots}0;return `
  to.raw(begin)
  const layers = [staticLayer, instanceLayer].filter(each => each.length)
  const ends: string[] = []
  for (const members of layers) {
    if (members === instanceLayer && isStableLayer) {
      const end = beginStable(plan, to)
      emitStableMembers(plan, to)
      to.raw(`static{${kernel}.layer({__proto__:null,`)
      emitHelpers(plan, to, members, '', ',')
      ends.unshift(`}})}${end}`)
    } else {
      to.raw(`class extends ${heritage}{`)
      for (const each of members) emitPrivate(plan, to, each)
      if (members === instanceLayer) emitStep(plan, to)
      emitHelpers(plan, to, members, 'static ', '')
      ends.unshift('}}')
    }
    to.raw(begin)
  }
  emitVersion(plan, to, heritage)
  to.raw(`})${ends.map(each => `${each}})`).join('')}`)
}

/** Reaches into what a layer declares. The last one is left open, for the code that is written inside. */
function emitHelpers(
  { spec, history, isStableLayer }: ClassPlan,
  to: Writer,
  members: readonly ClassElement[],
  before: string,
  after: string,
): void {
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
function emitStep(plan: ClassPlan, to: Writer): void {
  const [above, layer, step, object] = [to.name('h'), to.name('o'), to.name('g'), to.name('x')]
  to.raw(
    `static "~regrow:step"(${above}0){const ${above}=${above}0,${layer}=this;const ${step}=class extends ${above}{`,
  )
  // Not `...arguments`, which would run what the program made of iterators.
  const names = Array.from({ length: plainArguments }, (_, index) => to.name(`p${index}`))
  const calls = [0, ...names].map((_, count) => `case ${count}:super(${names.slice(0, count)});break;`)
  to.raw(`constructor(${names}){switch(arguments.length){${calls.join('')}default:{const ${object}=`)
  to.raw(`${to.name('r')}(${plan.kernel}.above(${step}),arguments,new.target);`)
  emitEntry(plan, to, layer, object)
  to.raw(`return ${object}}}`)
  emitEntry(plan, to, layer, 'this')
  to.raw(`}};return ${step}}`)
}

/** Gives an object a layer's members. Of a name that came late it may have been asked before: then it has them, and its fields start over. */
function emitEntry(
  { history, instanceLayer, slotOfField }: ClassPlan,
  to: Writer,
  layer: string,
  object: string,
): void {
  if (history) {
    to.raw(`if(#${instanceLayer[0]!.name} in ${object}){`)
    for (const each of instanceLayer) {
      if (each.kind !== 'field') continue
      const slot = quote(slotOfField(each))
      to.raw(`${object}.#${each.name}=${to.name('f')}(${to.name('s')}[${slot}],${object});`)
    }
    to.raw('}else ')
  }
  to.raw(`new ${layer}(${object});`)
}
