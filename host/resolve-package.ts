// Bare specifiers and `#imports` → files of packages, by Node's rules for package.json.
import fs from 'node:fs'
import { isBuiltin } from 'node:module'
import type { Resolver as EnhancedResolver } from 'enhanced-resolve'
import { lazily } from '../bundler/lazily.js'

const enhancedResolve = lazily<typeof import('enhanced-resolve')>('enhanced-resolve')

export type ImportKind = 'import' | 'require'

export type PackageResolution =
  | { readonly path: string }
  | { readonly builtin: string }
  /** `isOff`: a package.json says that there is nothing. */
  | { readonly missing: string; readonly cause: unknown; readonly isOff?: true }

export interface PackageResolver {
  /** @param directory absolute path of the importer's directory, which need not exist */
  find(specifier: string, directory: string, kind: ImportKind): PackageResolution
  /** Forgets what was found: package.json files or node_modules changed. */
  clear(): void
}

/** @param engine in a `browser` there is nothing of Node's */
export function createPackageResolver(engine: 'node' | 'browser' = 'node'): PackageResolver {
  const resolvers: Partial<Record<ImportKind, ReturnType<typeof resolverFor>>> = {}
  const found = new Map<string, string>()

  return {
    clear: () => found.clear(),
    find(specifier, directory, kind) {
      const key = `${kind}\0${directory}\0${specifier}`
      let path = found.get(key)
      if (path !== undefined) return { path }
      try {
        path = (resolvers[kind] ??= resolverFor(kind, engine)).resolveSync(directory, specifier) || undefined
      } catch (error) {
        return { missing: reason(error as Error), cause: error }
      }
      if (path === undefined) return { missing: 'it is switched off by a package.json', cause: undefined, isOff: true }
      if (isBuiltin(path)) return { builtin: path }
      // enhanced-resolve writes a '#' that is part of the path in this way, to tell it from a fragment.
      path = path.replaceAll('\0#', '#')
      found.set(key, path)
      return { path }
    },
  }
}

function resolverFor(kind: ImportKind, engine: 'node' | 'browser') {
  const { CachedInputFileSystem, ResolverFactory } = enhancedResolve()
  return ResolverFactory.createResolver({
    // No cache, unless it is thrown away soon: it would hide a package that was installed a moment ago.
    fileSystem: engine === 'node' ? (fs as never) : new CachedInputFileSystem(fs, 1000),
    useSyncFileSystemCalls: true,
    conditionNames: engine === 'node' ? ['node', kind, 'module-sync'] : ['browser', kind],
    aliasFields: engine === 'node' ? [] : ['browser'],
    extensions: ['.js', '.mjs', '.cjs', '.json', '.node', '.ts', '.mts', '.cts', '.tsx', '.jsx'],
    // A program under regrow runs from its sources, also where its own `imports` and `exports` name the compiled files.
    extensionAlias: {
      '.js': ['.js', '.ts', '.tsx'],
      '.jsx': ['.jsx', '.tsx'],
      '.mjs': ['.mjs', '.mts'],
      '.cjs': ['.cjs', '.cts'],
    },
    extensionAliasForExports: true,
    mainFields: ['main'],
    mainFiles: ['index'],
    plugins: [importsOfBuiltins],
  })
}

/** `"imports": { "#files": "fs" }` means the builtin; enhanced-resolve, made for bundlers, would look for a package. */
function importsOfBuiltins(this: EnhancedResolver, resolver: EnhancedResolver): void {
  resolver.getHook('imports-resolve').tapAsync({ name: 'Builtins', stage: -1 }, (request, _context, callback) => {
    const name = request.request
    if (name === undefined || !isBuiltin(name)) return callback()
    callback(null, { ...request, path: name.startsWith('node:') ? name : `node:${name}` })
  })
}

function reason(error: Error): string {
  const broken = /^(.*) \(.*description file\): \w+: (.*)$/s.exec(error.message)
  if (broken) return `${broken[1]} is no JSON: ${broken[2]}`
  if (/not exported|exports field/i.test(error.message)) return "the package's exports do not have it"
  if (/imports field|not imported/i.test(error.message)) return 'the imports of package.json do not have it'
  return 'is it installed?'
}
