// A module graph as plain data: what the property test edits, renders to text, and knows the expected state of.

/** A summand of an expression: a number, or the use of another definition, in one of several ways. */
export type Term =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'use'; readonly of: number; readonly how: number }

/** A sum. Expressions of functions are evaluated when called; those of data at once ("eager"). */
export type Expression = Term[]

export type FunctionForm = 'declaration' | 'arrow' | 'expression' | 'wrapped' | 'generator' | 'async' | 'asyncGenerator'
export const functionForms: readonly FunctionForm[] = [
  'declaration',
  'arrow',
  'expression',
  'wrapped',
  'generator',
  'async',
  'asyncGenerator',
]

export type MethodForm = 'method' | 'getter' | 'static' | 'generator' | 'async' | 'private'
export const methodForms: readonly MethodForm[] = ['method', 'getter', 'static', 'generator', 'async', 'private']

export interface Method {
  readonly name: string
  form: MethodForm
  body: Expression
}

export interface Field {
  readonly name: string
  readonly isPrivate: boolean
  initial: Expression
}

/** A static field: data (R3, R4). */
export interface Static {
  readonly name: string
  initial: Expression
}

export type Visibility = 'hidden' | 'named' | 'default'

interface Named {
  /** Never used twice. A definition uses only ones with a smaller id, so no call recurs without end. */
  readonly id: number
  /** Never used twice either: a removed name does not come back. */
  name: string
  visibility: Visibility
}

export interface FunctionDefinition extends Named {
  kind: 'function'
  form: FunctionForm
  parameters: number
  /** How the body is written. */
  shape: number
  body: Expression
}

export interface DataDefinition extends Named {
  kind: 'data'
  form: 'plain' | 'object' | 'methods'
  keyword: 'const' | 'let' | 'var'
  value: Expression
  method: Expression
}

/** A `let` that the program assigns: reloads keep its value (R3). */
export interface StateDefinition extends Named {
  kind: 'state'
  keyword: 'let' | 'var'
  initial: number
}

export interface ClassDefinition extends Named {
  kind: 'class'
  /** Id of the class it extends. */
  base: number | undefined
  fields: Field[]
  statics: Static[]
  methods: Method[]
  /** What the constructor adds; without it there is no constructor. */
  made: Expression | undefined
  /** The body of the method that every class has and that calls `super`. */
  common: Expression
}

/** `registry.push({ key, call: () => … })`: the key is the statement's identity, the callback a literal in it (R5, R6). */
export interface StatementDefinition extends Named {
  kind: 'statement'
  body: Expression
}

export type Definition = FunctionDefinition | DataDefinition | StateDefinition | ClassDefinition | StatementDefinition

export type ImportStyle = 'named' | 'renamed' | 'namespace'
export const importStyles: readonly ImportStyle[] = ['named', 'renamed', 'namespace']

export interface Reexport {
  readonly of: number
  readonly as: string
}

export interface Module {
  readonly id: number
  definitions: Definition[]
  /** How it imports each other module; `named` where nothing is said. */
  styles: Record<number, ImportStyle>
  reexports: Reexport[]
  /** Ids of the modules it has `export *` from. */
  stars: number[]
  /** Comments and white space, which mean nothing (R9). */
  layout: number
}

export interface Model {
  modules: Module[]
  /** The next id, key or number of a name. */
  next: number
}

export const clone = (model: Model): Model => structuredClone(model)

export function find(model: Model, id: number): { module: Module; definition: Definition; index: number } | undefined {
  for (const module of model.modules) {
    const index = module.definitions.findIndex(each => each.id === id)
    if (index !== -1) return { module, definition: module.definitions[index]!, index }
  }
  return undefined
}

/** A default export without a name of its own: its module cannot mention it. */
export function isNameless(definition: Definition): boolean {
  if (definition.visibility !== 'default') return false
  if (definition.kind === 'data') return true
  return definition.kind === 'function' && (definition.form === 'arrow' || definition.form === 'expression')
}

/** Every expression of a definition; eager ones run when the module is evaluated. */
export function expressionsOf(definition: Definition): { expression: Expression; isEager: boolean }[] {
  const lazy = (expression: Expression) => ({ expression, isEager: false })
  const eager = (expression: Expression) => ({ expression, isEager: true })
  switch (definition.kind) {
    case 'function':
    case 'statement':
      return [lazy(definition.body)]
    case 'data':
      return definition.form === 'methods'
        ? [eager(definition.value), lazy(definition.method)]
        : [eager(definition.value)]
    case 'state':
      return []
    case 'class':
      return [
        lazy(definition.common),
        ...(definition.made ? [lazy(definition.made)] : []),
        ...definition.methods.map(each => lazy(each.body)),
        ...definition.fields.map(each => lazy(each.initial)),
        ...definition.statics.map(each => eager(each.initial)),
      ]
  }
}
