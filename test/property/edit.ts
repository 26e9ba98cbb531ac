// Random edits of a model. An edit is plain numbers, so that fast-check can shrink it: what they point at is found when it is made.
import {
  type ClassDefinition,
  type Definition,
  type Expression,
  expressionsOf,
  functionForms,
  importStyles,
  type Model,
  type Module,
  methodForms,
  type Term,
} from './model.js'
import { repair } from './repair.js'

/** Listed as often as they are wanted. */
export const editKinds = [
  ...['body', 'body', 'body', 'add', 'add', 'remove', 'rename', 'visibility', 'swap', 'move', 'form', 'shape'],
  ...[
    'member',
    'member',
    'base',
    'initial',
    'style',
    'star',
    'reexport',
    'addModule',
    'deleteModule',
    'layout',
    'transfer',
  ],
] as const

export type EditKind = (typeof editKinds)[number]

export interface Edit {
  readonly kind: EditKind
  /** Chooses the module. */
  readonly at: number
  /** Chooses the definition in it. */
  readonly pick: number
  /** Chooses what becomes of it. */
  readonly value: number
}

const mostModules = 6
const leastModules = 2

/** The graph every sequence begins with, before the edits that grow it. */
export function emptyModel(): Model {
  const module = (id: number): Module => ({ id, definitions: [], styles: {}, reexports: [], stars: [], layout: 0 })
  return { modules: [module(1), module(2)], next: 3 }
}

/** Changes the model; it is valid again afterwards. */
export function applyEdit(model: Model, edit: Edit): void {
  const module = model.modules[edit.at % model.modules.length]!
  const definition = module.definitions[edit.pick % Math.max(1, module.definitions.length)]
  if (edit.kind in graphEdits) graphEdits[edit.kind as keyof typeof graphEdits](model, module, edit)
  else if (definition) definitionEdits[edit.kind as keyof typeof definitionEdits](model, module, definition, edit)
  repair(model)
}

const graphEdits = {
  add(model: Model, module: Module, { pick, value }: Edit) {
    module.definitions.splice(pick % (module.definitions.length + 1), 0, create(model, value))
  },
  style(model: Model, module: Module, { pick, value }: Edit) {
    const other = model.modules[pick % model.modules.length]!
    module.styles[other.id] = importStyles[value % importStyles.length]!
  },
  star(model: Model, module: Module, { pick }: Edit) {
    const { id } = model.modules[pick % model.modules.length]!
    module.stars = module.stars.includes(id) ? module.stars.filter(each => each !== id) : [...module.stars, id]
  },
  reexport(model: Model, module: Module, { pick, value }: Edit) {
    if (module.reexports.length && value % 3 === 1) module.reexports.splice(pick % module.reexports.length, 1)
    else module.reexports.push({ of: anyId(model, value), as: `r${model.next++}` })
  },
  addModule(model: Model, _: Module, { value }: Edit) {
    if (model.modules.length === mostModules) return
    const id = model.next++
    const module: Module = { id, definitions: [], styles: {}, reexports: [], stars: [], layout: 0 }
    for (let index = 0; index <= value % 3; index++) module.definitions.push(create(model, value + index * 7))
    model.modules.push(module)
  },
  deleteModule(model: Model, module: Module) {
    if (model.modules.length > leastModules) model.modules.splice(model.modules.indexOf(module), 1)
  },
  layout(_: Model, module: Module, { value }: Edit) {
    module.layout = value % 12
  },
}

const definitionEdits = {
  body(model: Model, _: Module, definition: Definition, { value }: Edit) {
    const expressions = expressionsOf(definition)
    const chosen = expressions[value % Math.max(1, expressions.length)]
    if (chosen) changeExpression(model, chosen.expression, value)
  },
  remove(_: Model, module: Module, definition: Definition) {
    module.definitions.splice(module.definitions.indexOf(definition), 1)
  },
  rename(model: Model, _: Module, definition: Definition) {
    definition.name = `x${model.next++}`
  },
  visibility(_: Model, __: Module, definition: Definition, { value }: Edit) {
    definition.visibility = (['named', 'hidden', 'default'] as const)[value % 3]!
  },
  /** Another kind of thing under the same name. */
  swap(model: Model, module: Module, definition: Definition, { value }: Edit) {
    if (definition.kind === 'statement') return
    const { id, name, visibility } = definition
    const made = create(model, value)
    if (made.kind === 'statement') return
    module.definitions[module.definitions.indexOf(definition)] = { ...made, id, name, visibility }
  },
  move(_: Model, module: Module, definition: Definition, { value }: Edit) {
    module.definitions.splice(module.definitions.indexOf(definition), 1)
    module.definitions.splice(value % (module.definitions.length + 1), 0, definition)
  },
  /** To another module, under the same name: who names it links elsewhere, without a change of text. */
  transfer(model: Model, module: Module, definition: Definition, { value }: Edit) {
    const others = model.modules.filter(each => each !== module)
    module.definitions.splice(module.definitions.indexOf(definition), 1)
    others[value % others.length]!.definitions.push(definition)
    // There it is another statement, which runs: it needs a key of its own.
    if (definition.kind === 'statement') definition.name = `x${model.next++}`
  },
  form(_: Model, __: Module, definition: Definition, { value }: Edit) {
    if (definition.kind === 'function') definition.form = functionForms[value % functionForms.length]!
    if (definition.kind === 'data') definition.form = (['plain', 'object', 'methods'] as const)[value % 3]!
  },
  shape(_: Model, __: Module, definition: Definition, { value }: Edit) {
    if (definition.kind === 'function' && value % 2) definition.parameters = value
    else if (definition.kind === 'function') definition.shape = value
    else if (definition.kind === 'data') definition.keyword = (['const', 'let', 'var'] as const)[value % 3]!
    else if (definition.kind === 'state') definition.keyword = value % 2 ? 'let' : 'var'
  },
  member(model: Model, _: Module, definition: Definition, { value }: Edit) {
    if (definition.kind === 'class') changeMembers(model, definition, value)
  },
  base(model: Model, _: Module, definition: Definition, { value }: Edit) {
    if (definition.kind !== 'class') return
    const classes = model.modules.flatMap(each => each.definitions).filter(each => each.kind === 'class')
    definition.base = value % 4 === 3 ? undefined : classes[value % classes.length]!.id
  },
  initial(_: Model, __: Module, definition: Definition, { value }: Edit) {
    if (definition.kind === 'state') definition.initial = value % 50
  },
}

function changeExpression(model: Model, expression: Expression, value: number): void {
  const index = value % expression.length
  if (value % 4 === 3 && expression.length > 1) expression.splice(index, 1)
  else if (value % 4 === 2 && expression.length < 3) expression.push(createTerm(model, value))
  else expression[index] = value % 4 === 1 ? createTerm(model, value) : { kind: 'number', value: value % 100 }
}

function changeMembers(model: Model, definition: ClassDefinition, value: number): void {
  const { methods, fields, statics } = definition
  const choice = Math.floor(value / 4)
  const removeFrom = (list: unknown[]) => {
    list.splice(choice % Math.max(1, list.length), 1)
  }
  switch (choice % 9) {
    case 0:
    case 1:
      methods.push({
        name: `p${model.next++}`,
        form: methodForms[value % methodForms.length]!,
        body: createExpression(model, value),
      })
      return
    case 2:
    case 3:
      fields.push({ name: `f${model.next++}`, isPrivate: value % 2 === 0, initial: createExpression(model, value) })
      return
    case 4:
      statics.push({ name: `s${model.next++}`, initial: createExpression(model, value) })
      return
    case 5:
      removeFrom(methods)
      return
    case 6:
      removeFrom([fields, statics][value % 2]!)
      return
    case 7:
      definition.made = definition.made ? undefined : createExpression(model, value)
      return
    default:
      if (methods.length) methods[value % methods.length]!.form = methodForms[choice % methodForms.length]!
  }
}

function create(model: Model, value: number): Definition {
  const id = model.next++
  const visibility = value % 5 === 4 ? ('hidden' as const) : ('named' as const)
  const named = { id, name: `x${id}`, visibility }
  const expression = (offset: number) => createExpression(model, value * 3 + offset)
  const choice = Math.floor(value / 5)
  switch (choice % 8) {
    case 0:
    case 1:
    case 2: {
      const form = functionForms[choice % functionForms.length]!
      return { ...named, kind: 'function', form, parameters: value, shape: value, body: expression(0) }
    }
    case 3:
    case 4: {
      const form = (['plain', 'object', 'methods'] as const)[choice % 3]!
      return { ...named, kind: 'data', form, keyword: 'const', value: expression(0), method: expression(1) }
    }
    case 5:
      return { ...named, kind: 'state', keyword: 'let', initial: value % 50 }
    case 6: {
      const made = value % 2 ? expression(1) : undefined
      const common = expression(0)
      const definition: ClassDefinition = {
        ...named,
        kind: 'class',
        base: undefined,
        fields: [],
        statics: [],
        methods: [],
        made,
        common,
      }
      for (let index = 0; index < value % 4; index++) changeMembers(model, definition, value + index * 5)
      return definition
    }
    default:
      return { ...named, visibility: 'hidden', kind: 'statement', body: expression(0) }
  }
}

function createExpression(model: Model, value: number): Expression {
  return value % 3 ? [createTerm(model, value), { kind: 'number', value: value % 100 }] : [createTerm(model, value)]
}

/** May point at what cannot be used here; `repair` makes a number of it. */
function createTerm(model: Model, value: number): Term {
  const how = value % 12
  return value % 7 === 0 ? { kind: 'number', value: value % 100 } : { kind: 'use', of: anyId(model, value), how }
}

function anyId(model: Model, value: number): number {
  const ids = model.modules.flatMap(module => module.definitions.map(each => each.id))
  return ids[value % Math.max(1, ids.length)] ?? 0
}
