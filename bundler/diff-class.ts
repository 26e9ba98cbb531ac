// Compares two versions of a class, member by member (R2, and R3–R6 for what is static).
import { classHistory, keptSlots, staticModes } from './class-history.js'
import { slotOf, staticKey } from './class-slots.js'
import type { Comparison } from './comparison.js'
import { relinkOfName } from './links.js'
import type { ClassElement, ClassItem } from './record.js'

export function diffClass(comparison: Comparison, item: ClassItem, old: ClassItem): void {
  const { running, relinked, classes, usesOfField } = comparison
  const name = item.names[0]!
  const history = running.classes.get(name)!
  const isChanged = item.signature !== old.signature || comparison.isRelinked(item.allNames)
  const anew = diffStaticLiterals(comparison, item, old)
  if (!isChanged && comparison.isSameCode(old, item)) {
    classes.set(name, history)
    return
  }
  // What has no value to compare with the one before is taken for another.
  const isReplaced = (name: string) => relinkOfName(relinked, name) === 'replaced'
  const mustRun = (field: ClassElement) => anew.has(field) || usesOfField(field).some(isReplaced)
  const { statics, removedStatics } = staticModes(item, old, usesOfField, mustRun)
  const next = classHistory(item, { history, old }, true)
  comparison.run(item, {
    isNew: false,
    classHistory: { ...history, lateFields: next.lateFields },
    statics,
    removedStatics,
    keptSlots: keptSlots(item, old, comparison.decoratedBefore),
    isSame: item.signature === old.signature && !comparison.decoratedBefore.has(name),
  })
  classes.set(name, next)
  if (!isChanged) return
  comparison.changedClasses.push(name)
  reportMembers(comparison, item, old)
}

/** @returns static fields that run again for their literals' sake */
function diffStaticLiterals(comparison: Comparison, item: ClassItem, old: ClassItem): Set<ClassElement> {
  const anew = new Set<ClassElement>()
  for (const field of item.spec.elements) {
    if (field.literals.length === 0) continue
    const namedAlike = old.spec.elements.filter(
      each => each.literals.length > 0 && staticKey(each) === staticKey(field),
    )
    const oldField = namedAlike.find(each => each.signature === field.signature) ?? namedAlike[0]
    if (oldField?.signature !== field.signature || comparison.haveCalledChanged(field.literals, oldField.literals)) {
      comparison.continueLiterals(field.literals, oldField?.literals ?? [])
      anew.add(field)
    } else comparison.patchLiterals(field.literals, oldField.literals, () => `${item.names[0]}.${labelOf(field)}`)
  }
  return anew
}

function reportMembers({ added, patched, removed }: Comparison, item: ClassItem, old: ClassItem): void {
  const name = item.names[0]!
  const keyOf = (each: ClassElement) => `${each.kind} ${slotOf(each)}`
  const isOwn = (label: string) => label.startsWith(`${name}.`)
  // Fields that are assigned in the constructor are members like others; a constructor of nothing else has no signature.
  const membersOf = ({ spec: { elements, assigned } }: ClassItem) => {
    const names = new Set(assigned.map(keyOf))
    return [...elements.filter(each => each.signature !== '' && !names.has(keyOf(each))), ...assigned]
  }
  const [oldMembers, newMembers] = [membersOf(old), membersOf(item)]
  const was = new Map(oldMembers.map(each => [keyOf(each), each.signature]))
  const members: string[] = []
  for (const each of newMembers) {
    if (each.kind === 'block' || (each.kind === 'field' && each.isStatic)) continue
    const label = labelOf(each)
    const signature = was.get(keyOf(each))
    was.delete(keyOf(each))
    if (signature === undefined) added.push(`${name}.${label}`)
    else if (signature !== each.signature) members.push(`${name}.${label}`)
  }
  for (const [key] of was) {
    const gone = oldMembers.find(each => keyOf(each) === key)!
    if (gone.kind === 'block') continue
    if (gone.kind === 'field' && gone.isStatic && newMembers.some(each => keyOf(each) === key)) continue
    removed.push(`${name}.${labelOf(gone)}`)
  }
  const decorating = (each: ClassItem) => each.spec.elements.find(({ isDecorating }) => isDecorating)?.signature
  const isDecoratedOtherwise = decorating(item) !== decorating(old)
  const isNamed = members.length > 0 || added.some(isOwn) || removed.some(isOwn)
  patched.push(...members, ...(isNamed && !isDecoratedOtherwise ? [] : [name]))
}

function labelOf(element: ClassElement): string {
  if (element.kind === 'constructor') return 'constructor'
  return element.isComputed ? '[computed]' : `${element.isPrivate ? '#' : ''}${element.name}`
}
