// Makes a graph valid after a random edit, as an editor's rename or remove would:
// what no longer holds becomes another use, or a number.
import { evaluationOrder, wayTo } from './links.js'
import { type Definition, type Expression, expressionsOf, find, type Model, type Module, type Term } from './model.js'

/** After so many rounds there are only numbers to replace with, so that it ends. */
const searchingRounds = 4

/** Changes the model until every name in it links, and no eager use runs before what it names. */
export function repair(model: Model): void {
  for (const module of model.modules) dropDeadLinks(model, module)
  const ids = model.modules.flatMap(module => module.definitions.map(each => each.id))
  let isSettled = false
  for (let round = 0; !isSettled; round++) {
    isSettled = true
    const order = evaluationOrder(model)
    for (const module of model.modules) {
      for (const definition of module.definitions) {
        if (
          definition.kind === 'class' &&
          definition.base !== undefined &&
          !mayExtend(model, module, definition, order)
        ) {
          definition.base = undefined
          isSettled = false
        }
        for (const { expression, isEager } of expressionsOf(definition)) {
          const isGood = (term: Use) => mayUse(model, module, definition, term, isEager, order)
          if (settleTerms(expression, isGood, round < searchingRounds ? ids : [])) isSettled = false
        }
      }
    }
  }
}

type Use = Term & { kind: 'use' }
type Order = ReadonlyMap<number, number>

function dropDeadLinks(model: Model, module: Module): void {
  const ids = new Set(model.modules.map(each => each.id))
  module.stars = [...new Set(module.stars)].filter(id => ids.has(id) && id !== module.id)
  module.reexports = module.reexports.filter(each => {
    const target = find(model, each.of)
    if (!target || target.module === module || target.definition.kind === 'statement') return false
    return target.definition.visibility !== 'hidden'
  })
  let hasDefault = false
  for (const each of module.definitions) {
    if (each.kind === 'statement') each.visibility = 'hidden'
    if (each.kind === 'state' && each.visibility === 'default') each.visibility = 'named'
    if (each.visibility === 'default' && hasDefault) each.visibility = 'named'
    hasDefault ||= each.visibility === 'default'
  }
}

/** Whether anything was replaced: by another use where `ids` has a good one, else by a number. */
function settleTerms(expression: Expression, isGood: (term: Use) => boolean, ids: readonly number[]): boolean {
  let isChanged = false
  expression.forEach((term, index) => {
    if (term.kind === 'number' || isGood(term)) return
    const others = ids.map(of => ({ ...term, of })).filter(isGood)
    expression[index] = others[term.of % others.length] ?? { kind: 'number', value: 1 + (term.of % 7) }
    isChanged = true
  })
  return isChanged
}

function mayUse(model: Model, module: Module, user: Definition, term: Use, isEager: boolean, order: Order): boolean {
  const target = find(model, term.of)
  if (!target || term.of >= user.id || !wayTo(model, module, term.of, term.how)) return false
  const { definition } = target
  if (definition.kind === 'function' && (definition.form === 'async' || definition.form === 'asyncGenerator'))
    return false
  if (!isEager) return true
  // Derived data may name data only: R4 promises nothing for what it calls.
  return definition.kind === 'data' && isBefore(module, user, target, order)
}

function mayExtend(model: Model, module: Module, user: Definition & { kind: 'class' }, order: Order): boolean {
  const target = find(model, user.base!)
  if (target?.definition.kind !== 'class' || user.base! >= user.id) return false
  return wayTo(model, module, user.base!, 0) !== undefined && isBefore(module, user, target, order)
}

function isBefore(
  module: Module,
  user: Definition,
  target: NonNullable<ReturnType<typeof find>>,
  order: Order,
): boolean {
  if (target.module === module) return target.index < module.definitions.indexOf(user)
  return order.get(target.module.id)! < order.get(module.id)!
}
