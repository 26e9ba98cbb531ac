// The vocabulary of the bundler: what is known of one version of a module, as plain data. Offsets count UTF-16 units in `code`. Longer than
// most: one word for one thing, in one place.

/** How a piece of code stands for a module-level name. */
export type ReferenceForm =
  /** its value */
  | 'read'
  /** the callee of a call: needs no `this`, may skip the trampoline */
  | 'call'
  /** the target of an assignment */
  | 'write'
  /** the target of the declaration itself, in a destructuring pattern */
  | 'initialize'
  /** a class or function expression's own name, inside it */
  | 'self'

/** A change to the text: fixed text, or a reference whose text depends on how the name links. */
export type Edit =
  | {
      readonly start: number
      readonly end: number
      readonly text: string
      /** Where the token stands that the text stands for. */
      readonly token?: number
      /** It is put before what begins there: no part of what ends there. */
      readonly isBefore?: true
      /** It is put around what stands there: no part of it. */
      readonly isAround?: true
    }
  | {
      readonly start: number
      readonly end: number
      readonly name: string
      readonly form: ReferenceForm
      readonly before?: string
      /** Where the name stands, if that is elsewhere. */
      readonly token?: number
      readonly isAround?: true
    }
  | MemberEdit
  | TimerEdit

/** Whether an edit at an end of a range is no part of it. */
export const isAround = (edit: Edit, place: number): boolean =>
  'isAround' in edit && edit.start === place && edit.end === place

/** Whether an edit belongs to a range that ends there. */
export const endsIn = (edit: Edit, end: number): boolean =>
  edit.end <= end && !(edit.start === end && 'isBefore' in edit) && !isAround(edit, end)

/** `name.member`, where `name` is a namespace. */
export interface MemberEdit {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly nameEnd: number
  readonly propertyStart: number
  /** Both, with the dot. */
  readonly member: string
  readonly form: 'read' | 'call'
  readonly before: string
}

/** A name of Node's timers, which the kernel gives so that they are owned (R11). */
export interface TimerEdit {
  readonly start: number
  readonly end: number
  readonly timer: string
  readonly before: string
}

/** What a function object can do, which its trampoline must do too. */
export type FunctionShape = 'arrow' | 'method' | 'constructible' | 'generator' | 'accessor'

export interface FunctionSpec {
  readonly start: number
  readonly end: number
  readonly shape: FunctionShape
  /** It has a `this` of its own, or a `new.target`, and uses it. */
  readonly usesThis: boolean
  /** Parameters before the first with a default, as `length` counts them. */
  readonly length: number
  /** How many arguments it takes; undefined when it may notice any. */
  readonly takes: number | undefined
  /** The name an anonymous function gets from where it stands; undefined when it has its own. */
  readonly givenName?: string
  /** `async ` and `*` of an object method, whose function node starts at the parameters. */
  readonly methodPrefix?: string
}

export interface SelfPlace {
  readonly start: number
  readonly end: number
  /** What must stand before what takes its place: `;`, or `name: ` where it is shorthand. */
  readonly before: string
}

/** A function that stands directly in a data item, a statement or a static field, and closes over nothing of it (R6). */
export interface Literal {
  readonly signature: string
  readonly spec: FunctionSpec
  /** What the literal replaces in the item: the function, or the whole `name() {}` of an object method. */
  readonly start: number
  readonly end: number
  /** Text before the trampoline, `name: ` for a method. */
  readonly before: string
  /** The key of a method whose name is computed; it is the item's own text. */
  readonly computedKey?: { readonly start: number; readonly end: number }
  /** Every module-level or global name in it. */
  readonly names: readonly string[]
  /** The name a named function expression gives itself, and where it uses it. */
  readonly selfName: string
  readonly selfPlaces: readonly SelfPlace[]
}

export interface ClassElement {
  readonly kind: 'constructor' | 'method' | 'get' | 'set' | 'field' | 'block'
  readonly isStatic: boolean
  readonly isPrivate: boolean
  readonly isComputed: boolean
  /** The key's name without `#`; for a computed key its signature, numbered where the same stands before another member of its kind. */
  readonly name: string
  readonly signature: string
  readonly start: number
  readonly end: number
  readonly keyStart: number
  readonly keyEnd: number
  /** A field's initialiser, a method's parameters and body, a block's braces; equal offsets when there is none. */
  readonly valueStart: number
  readonly valueEnd: number
  /** Where a method's braces open. */
  readonly bodyStart: number
  readonly length: number
  readonly takes: number | undefined
  readonly shape: FunctionShape
  /** `async ` and `*` as written. */
  readonly prefix: string
  /** An initialiser that can run at any moment: a literal value, `[]`, `{}` or none. */
  readonly isConstant: boolean
  /** A direct `eval` stands in the field's initialiser. */
  readonly evaluates: boolean
  /** An initialiser that is an anonymous function or class, which takes the field's name. */
  readonly takesName: boolean
  /** A static field that a tsconfig wants assigned, not defined: an inherited setter is called. */
  readonly isAssigned: boolean
  /** A constructor that must be one of a base class: it returns a value, or its parameters run code. */
  readonly needsBase: boolean
  /** A static block that bundler/decorators.ts wrote: it runs whenever the class is made. */
  readonly isDecorating: boolean
  /** Names a static initialiser or block has directly, or the computed key of a static field (R4). */
  readonly uses: readonly string[]
  /** Names a computed key has directly. */
  readonly keyUses: readonly string[]
  /** Of a static field. */
  readonly literals: readonly Literal[]
}

export interface PrivateAccess {
  readonly name: string
  readonly objectStart: number
  readonly objectEnd: number
  /** Where the name begins, if what stands before may end the whole chain: `a?.b.#x`. */
  readonly chainEnd?: number
  /** It begins what `new` calls, where no call may stand. */
  readonly isCallee: boolean
}

export interface ClassSpec {
  readonly start: number
  readonly end: number
  /** The class's own identifier, if any. */
  readonly ownName?: string
  /** What `name` is when it has no identifier. */
  readonly givenName: string
  readonly heritage?: {
    readonly start: number
    readonly end: number
    /** Of an expression that makes a superclass, `mixin(Base)`: its signature, and the names it has directly. */
    readonly made?: { readonly signature: string; readonly uses: readonly string[] }
  }
  readonly bodyStart: number
  /** It has no superclass, and its constructor and field initialisers can as well be methods. */
  readonly isBase: boolean
  readonly elements: readonly ClassElement[]
  /** Instance fields that esbuild made code of the constructor. A private one is declared among the elements too. */
  readonly assigned: readonly ClassElement[]
  readonly privateAccesses: readonly PrivateAccess[]
}

interface ItemBase {
  /** Unique within the version; the same for the same item of the next version, statements aside. */
  readonly key: string
  /** Bindings the item declares. */
  readonly names: readonly string[]
  readonly start: number
  readonly end: number
  /** Of the text around its literals. */
  readonly signature: string
  /** Module-level names that stand directly in it, outside any function, with the paths read through imports: `ns.member` (R4). */
  readonly uses: readonly string[]
  /** Every module-level or global name in it, literals aside. */
  readonly allNames: readonly string[]
  /** It awaits at top level. */
  readonly isAsync: boolean
}

export interface FunctionItem extends ItemBase {
  readonly kind: 'function'
  readonly spec: FunctionSpec
  /** A declaration is there before the module's code runs; a function literal from its place on. */
  readonly isHoisted: boolean
}

export interface ClassItem extends ItemBase {
  readonly kind: 'class'
  readonly spec: ClassSpec
}

export interface DataItem extends ItemBase {
  readonly kind: 'data'
  readonly form: 'simple' | 'pattern' | 'empty'
  readonly initStart: number
  readonly initEnd: number
  /** An anonymous class or function that takes the binding's name although it is not patched in place. */
  readonly takesName: boolean
  /** A TypeScript enum, as esbuild writes it: built afresh, never merged into the old object (R3). */
  readonly isEnum: boolean
  /** The initialiser makes the value, so the item owns it (R11). */
  readonly makesValue: boolean
  /** The initialiser runs no code of the program. */
  readonly isInert: boolean
  readonly literals: readonly Literal[]
}

/** What lies in a TypeScript namespace. */
export interface NamespaceMember {
  /** `['B', 'z']` for `B.z`. */
  readonly path: readonly string[]
  /** Of an enum, its signature: it is built afresh when it changes (R3). */
  readonly text?: string
}

export interface StatementItem extends ItemBase {
  readonly kind: 'statement'
  readonly literals: readonly Literal[]
  /** The expression it consists of, when that makes a value, which the statement owns (R11). */
  readonly product?: { readonly start: number; readonly end: number }
  /** The namespace or enum it adds to, when it is a TypeScript namespace's body. */
  readonly extendsName?: string
  /** What it gives that namespace, whatever lies in it included. */
  readonly members?: readonly NamespaceMember[]
  /** Names of the objects whose properties it assigns: when such an object is made anew, the statement completes the new one. */
  readonly completes: readonly string[]
  /** Names of the objects with which it registers, `bus` of `bus.on(…)`, and does nothing else: a new object gets what the old one had (R11). */
  readonly registersWith: readonly string[]
  /** It makes a server listen. */
  readonly listens?: true
  /** The properties it assigns, as paths: `a.b.c = 1` gives `a."b"."c"`. */
  readonly assigns: readonly string[]
  /** The class it decorates, in esbuild's lowered form: it runs whenever the class does. */
  readonly decorates?: string
  /** The static field it sets, in esbuild's lowered form, as reports show it, and the variable of the map that holds a private one. */
  readonly sets?: { readonly label: string; readonly storage?: string }
  /** The variable of such a map, which it makes. */
  readonly makes?: string
  /** It was typed to be run once, and is no part of the module. Gives the value of its expression, if it is one. */
  readonly once?: { readonly start: number; readonly end: number } | true
}

export type Item = FunctionItem | ClassItem | DataItem | StatementItem

const none: readonly never[] = []

export function literalsIn(item: Item): readonly Literal[] {
  if (item.kind === 'function') return none
  return item.kind === 'class' ? item.spec.elements.flatMap(each => each.literals) : item.literals
}

export interface ImportEntry {
  readonly specifier: string
  /** The name exported there, or `*` for the namespace. */
  readonly name: string
  readonly start: number
}

export interface ModuleRequest {
  readonly specifier: string
  readonly start: number
  /** Absent when there are none. */
  readonly attributes?: Readonly<Record<string, string>>
  /** It need not be found: types alone are imported, or what may never be required. */
  readonly isOptional?: true
}

export interface ModuleRecord {
  readonly code: string
  readonly requests: readonly ModuleRequest[]
  /** Literal specifiers of dynamic imports. */
  readonly dynamicRequests: readonly string[]
  readonly imports: ReadonlyMap<string, ImportEntry>
  /** Export name to local binding. */
  readonly localExports: ReadonlyMap<string, { readonly binding: string; readonly start: number }>
  readonly indirectExports: ReadonlyMap<string, ImportEntry>
  readonly starExports: readonly string[]
  /** Bindings of the module's own. */
  readonly bindings: ReadonlyMap<string, Binding>
  readonly items: readonly Item[]
  readonly edits: readonly Edit[]
  /** Where each top-level statement starts and ends, one pair after the other. */
  readonly statements: readonly number[]
  /** Bindings that hold a function literal or are declared functions, and whether their function uses `this`. */
  readonly functions: ReadonlyMap<string, boolean>
  /** Every name whose change may make an item run again: those its items and literals use. */
  readonly uses: ReadonlySet<string>
  /** A direct `eval` stands in it, which must find the module's names. */
  readonly hasEval: boolean
  /** What is read through imports that may be namespaces, as paths: `name.member`. */
  readonly members: readonly string[]
  /** Where the paths of them begin, in the order of the text. */
  readonly memberPlaces: readonly { readonly start: number; readonly member: string }[]
  /** What the names of generated code begin with; occurs nowhere in `code`. */
  readonly prefix: string
}

/** What is known of a module without its items: enough to link it, and to run it from a patch that was written before. */
export type Outline = Omit<ModuleRecord, 'code' | 'items' | 'edits' | 'statements' | 'memberPlaces'>

export interface Binding {
  readonly kind: 'var' | 'let' | 'const' | 'function' | 'class' | 'default'
  /** Assigned somewhere besides its declaration. */
  readonly isAssigned: boolean
}

const bindings = new Map<string, Binding>()

/** There are many bindings and few kinds: those that are equal are one. */
export function bindingOf(kind: Binding['kind'], isAssigned: boolean): Binding {
  const key = `${kind} ${isAssigned}`
  const known = bindings.get(key)
  if (known) return known
  const made = { kind, isAssigned }
  bindings.set(key, made)
  return made
}
