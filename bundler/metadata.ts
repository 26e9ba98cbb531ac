// Writes what TypeScript's `emitDecoratorMetadata` adds: the types of what is decorated, as decorators of its own, for libraries that find out
// by them what to hand over (NestJS, TypeORM, tsyringe). esbuild leaves it out.
//
//   @Injectable() class Cats { constructor(private store: Store) {} }
//   @Injectable() @(Reflect.metadata?.("design:paramtypes",[…Store…])) class Cats { constructor(private store: Store) {} }
import type { ParserPlugin } from '@babel/parser'
import { bodyOf, childrenOf } from './babel.js'
import { type Change, rewrite } from './decorators.js'
import { optionalPrefix } from './links.js'
import type { MappedCode } from './output.js'
import type { Node } from './parse.js'

/**
 * @param source TypeScript whose decorators are those of `experimentalDecorators`
 * @param isStrict whether `null` and `undefined` are types of their own
 * @returns undefined where there is nothing to write
 */
export function writeMetadata(source: string, plugins: ParserPlugin[], isStrict: boolean): MappedCode | undefined {
  const body = bodyOf(source, plugins)
  if (!body) return undefined
  const types = new Types(body, isStrict)
  const changes = body.flatMap(each => classesIn(each)).flatMap(each => classChanges(each, types))
  if (changes.length === 0) return undefined
  const end = { start: source.length, end: source.length, pieces: [types.imports()] }
  return rewrite(source, [...changes, end])
}

/** A class declaration, and where the statement that it is begins: decorators stand before `export`. */
interface Found {
  readonly node: Node
  readonly start: number
}

function classesIn(node: Node, outer?: Node, out: Found[] = []): Found[] {
  if (node.type === 'ClassDeclaration' && !node.declare)
    out.push({ node, start: (outer?.type.startsWith('Export') ? outer : node).start })
  for (const child of childrenOf(node)) classesIn(child, node, out)
  return out
}

function classChanges({ node, start }: Found, types: Types): Change[] {
  const changes: Change[] = []
  const decorate = (decorators: readonly Node[] | undefined, before: number, entries: readonly [string, string][]) => {
    const at = decorators?.at(-1)?.end ?? before
    const text = entries.map(([key, value]) => `@(Reflect.metadata?.("design:${key}",${value}))`).join(' ')
    changes.push({ start: at, end: at, pieces: [` ${text} `] })
  }
  const members: Node[] = node.body.body
  const own = members.find(each => each.kind === 'constructor' && each.body)
  const isDecorated = node.decorators?.length > 0 || own?.params.some(hasDecorators)
  types.inside(node, () => {
    if (own && isDecorated) decorate(node.decorators, start, [['paramtypes', types.ofParameters(own.params)]])
    for (const each of members) {
      const { decorators, type, kind } = each
      if (kind === 'constructor') continue
      if (type === 'ClassMethod' || type === 'ClassPrivateMethod') {
        if (!each.body || !(decorators?.length > 0 || each.params.some(hasDecorators))) continue
        types.inside(each, () => {
          const parameters = ['paramtypes', types.ofParameters(each.params)] as [string, string]
          const entries: [string, string][] =
            kind === 'method'
              ? [['type', 'Function'], parameters, ['returntype', types.ofReturn(each)]]
              : [['type', types.of(kind === 'get' ? each.returnType : annotationOf(each.params[0]))], parameters]
          decorate(decorators, each.start, entries)
        })
      } else if (/^Class(Accessor)?Property$/.test(type) && decorators?.length > 0)
        decorate(decorators, each.start, [['type', types.of(each.typeAnnotation)]])
    }
  })
  return changes
}

const hasDecorators = (parameter: Node): boolean => parameter.decorators?.length > 0

function annotationOf(parameter: Node | undefined): Node | undefined {
  if (parameter?.type === 'TSParameterProperty') return annotationOf(parameter.parameter)
  if (parameter?.type === 'AssignmentPattern') return annotationOf(parameter.left)
  return parameter?.typeAnnotation
}

/** What types are at run time, as TypeScript has it. */
class Types {
  readonly #isStrict: boolean
  /** Names of the module's own types, with what stands for them. */
  readonly #declared = new Map<string, Node>()
  readonly #imported = new Map<string, { readonly name: string; readonly from: string }>()
  readonly #needed = new Set<string>()
  /** Names of type parameters around. */
  #parameters: readonly string[] = []

  constructor(body: readonly Node[], isStrict: boolean) {
    this.#isStrict = isStrict
    for (const node of body) {
      const declaration = node.type.startsWith('Export') ? node.declaration : node
      const isType = /^(TSTypeAlias|TSInterface|TSEnum|Class)Declaration$/.test(declaration?.type ?? '')
      if (isType && declaration.id) this.#declared.set(declaration.id.name, declaration)
      if (node.type !== 'ImportDeclaration' || node.importKind === 'type') continue
      for (const each of node.specifiers) {
        if (each.importKind === 'type' || each.type === 'ImportNamespaceSpecifier') continue
        const name = each.type === 'ImportSpecifier' ? (each.imported.name ?? each.imported.value) : 'default'
        this.#imported.set(each.local.name, { name, from: node.source.value })
      }
    }
  }

  /** Runs with the type parameters of a class or method. */
  inside(node: Node, run: () => void): void {
    const outer = this.#parameters
    const own: Node[] = node.typeParameters?.params ?? []
    this.#parameters = [...outer, ...own.map(each => each.name?.name ?? each.name)]
    run()
    this.#parameters = outer
  }

  ofParameters(parameters: readonly Node[]): string {
    const own = parameters[0]?.name === 'this' ? parameters.slice(1) : parameters
    return `[${own.map(each => this.#ofParameter(each)).join(',')}]`
  }

  #ofParameter(parameter: Node): string {
    if (parameter.type !== 'RestElement') return this.of(annotationOf(parameter))
    const list = parameter.typeAnnotation?.typeAnnotation
    return this.of(list?.type === 'TSArrayType' ? list.elementType : argumentsOf(list)[0])
  }

  ofReturn({ returnType, async }: Node): string {
    return returnType ? this.of(returnType) : async ? 'Promise' : 'void 0'
  }

  of(node: Node | undefined): string {
    switch (node?.type) {
      case 'TSTypeAnnotation':
      case 'TSParenthesizedType':
        return this.of(node.typeAnnotation)
      case 'TSVoidKeyword':
      case 'TSUndefinedKeyword':
      case 'TSNullKeyword':
      case 'TSNeverKeyword':
        return 'void 0'
      case 'TSFunctionType':
      case 'TSConstructorType':
        return 'Function'
      case 'TSArrayType':
      case 'TSTupleType':
        return 'Array'
      case 'TSTypePredicate':
        return node.asserts ? 'void 0' : 'Boolean'
      case 'TSBooleanKeyword':
        return 'Boolean'
      case 'TSStringKeyword':
      case 'TSTemplateLiteralType':
        return 'String'
      case 'TSNumberKeyword':
        return 'Number'
      case 'TSBigIntKeyword':
        return 'BigInt'
      case 'TSSymbolKeyword':
        return 'Symbol'
      case 'TSLiteralType':
        return literalTypes[node.literal.type] ?? 'Object'
      case 'TSUnionType':
      case 'TSIntersectionType':
        return this.#common(node.types, node.type === 'TSUnionType')
      case 'TSConditionalType':
        return this.#common([node.trueType, node.falseType], true)
      case 'TSTypeOperator':
        return node.operator === 'readonly' ? this.of(node.typeAnnotation) : 'Object'
      case 'TSTypeReference':
        return this.#named(node.typeName)
      default:
        return 'Object'
    }
  }

  /** What all parts are, if they are one. */
  #common(parts: readonly Node[], isUnion: boolean): string {
    let common: string | undefined
    for (const part of parts) {
      const { type } = part
      if (type === 'TSNeverKeyword' && isUnion) continue
      if (!this.#isStrict && (type === 'TSNullKeyword' || type === 'TSUndefinedKeyword')) continue
      const one = type === 'TSAnyKeyword' ? 'Object' : this.of(part)
      if (one === 'Object' || (common !== undefined && common !== one)) return 'Object'
      common = one
    }
    return common ?? 'void 0'
  }

  #named(name: Node): string {
    if (name.type !== 'Identifier') {
      const path = pathOf(name)
      return path ? `(typeof ${path[0]}==="undefined"?Object:${path.join('?.')}??Object)` : 'Object'
    }
    const text: string = name.name
    if (this.#parameters.includes(text)) return 'Object'
    const declared = this.#declared.get(text)
    if (declared) return this.#own(text, declared)
    if (this.#imported.has(text)) {
      this.#needed.add(text)
      return guarded(`${optionalPrefix}${text}`)
    }
    return text === 'ReadonlyArray' ? 'Array' : guarded(text)
  }

  #own(name: string, declared: Node): string {
    switch (declared.type) {
      case 'ClassDeclaration':
        return declared.declare ? 'Object' : name
      case 'TSEnumDeclaration':
        return enumType(declared)
      case 'TSTypeAliasDeclaration':
        // One that names itself.
        this.#declared.delete(name)
        try {
          return this.of(declared.typeAnnotation)
        } finally {
          this.#declared.set(name, declared)
        }
      default:
        return 'Object'
    }
  }

  /** Imports of the types that were named, to stand behind the text. */
  imports(): string {
    return [...this.#needed]
      .map(local => {
        const { name, from } = this.#imported.get(local)!
        return `\nimport { ${JSON.stringify(name)} as ${optionalPrefix}${local} } from ${JSON.stringify(from)};`
      })
      .join('')
  }
}

const literalTypes: Readonly<Record<string, string>> = {
  StringLiteral: 'String',
  TemplateLiteral: 'String',
  NumericLiteral: 'Number',
  UnaryExpression: 'Number',
  BigIntLiteral: 'BigInt',
  BooleanLiteral: 'Boolean',
}

const guarded = (name: string) => `(typeof ${name}==="function"?${name}:Object)`

const argumentsOf = (node: Node | undefined): readonly Node[] =>
  (node?.typeParameters ?? node?.typeArguments)?.params ?? []

/** `a.b.C` */
function pathOf(node: Node): string[] | undefined {
  if (node.type === 'Identifier') return [node.name]
  const left = node.type === 'TSQualifiedName' ? pathOf(node.left) : undefined
  return left && [...left, node.right.name]
}

function enumType(declared: Node): string {
  const members: Node[] = declared.members ?? declared.body?.members ?? []
  const texts = members.filter(each => /^(String|Template)Literal$/.test(each.initializer?.type ?? '')).length
  return texts === 0 ? 'Number' : texts === members.length ? 'String' : 'Object'
}
