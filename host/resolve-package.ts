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
  | { readonly missing: string; readonly cause: unknown }

export interface PackageResolver {
  /** @param directory absolute path of the importer's directory, which need not exist */
  find(specifier: string, directory: string, kind: ImportKind): PackageResolution
  /** Forgets what was found: package.json files or node_modules changed. */
  clear(): void
}

export function createPackageResolver(): PackageResolver {
  const resolvers: Partial<Record<ImportKind, ReturnType<typeof resolverFor>>> = {}
  const found = new Map<string, string>()

  return {
    clear: () => found.clear(),
    find(specifier, directory, kind) {
      const key = `${kind}\0${directory}\0${specifier}`
      let path = found.get(key)
      if (path !== undefined) return { path }
      try {
        path = (resolvers[kind] ??= resolverFor(kind)).resolveSync(directory, specifier) || undefined
      } catch (error) {
        return { missing: reason(error as Error), cause: error }
      }
      if (path === undefined) return { missing: 'it is switched off by a package.json', cause: undefined }
      if (isBuiltin(path)) return { builtin: path }
      // enhanced-resolve writes a '#' that is part of the path in this way, to tell it from a fragment.
      path = path.replaceAll('\0#', '#')
      found.set(key, path)
      return { path }
    },
  }
}

function resolverFor(kind: ImportKind) {
  return enhancedResolve().ResolverFactory.createResolver({
    // No cache of its own: it would hide a package that was installed a moment ago.
    fileSystem: fs as never,
    useSyncFileSystemCalls: true,
    conditionNames: ['node', kind, 'module-sync'],
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
  if (/not exported|exports field/i.test(error.message)) return "the package's exports do not have it"
  if (/imports field|not imported/i.test(error.message)) return 'the imports of package.json do not have it'
  return 'is it installed?'
}
