// Granted packages → one text for an isolate. Runs in a process that can be ended. esbuild is given texts only: what an import means is
// decided here, every file lies in the directory of a granted package by its real path, and no tsconfig, PnP file or map is looked for.
import { realpathSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, extname, join, relative, sep } from 'node:path'
import { build, type Loader, type Plugin } from 'esbuild'
import { BuildError } from '../../../bundler/build.js'
import { packageName } from '../../resolve-file.js'
import { createPackageResolver, type ImportKind } from '../../resolve-package.js'
import { type PackageBundle, PackageError, type PackageFault, type PackageJob } from './package-job.js'
import { withPlainImports } from './plain-imports.js'
import { readRegularFile, TooLarge } from './regular-file.js'

const mostFileBytes = 4_000_000
const mostCodeLength = 8_000_000
const loaders: Readonly<Record<string, Loader>> = { '.js': 'js', '.mjs': 'js', '.cjs': 'js', '.json': 'json' }

interface Place {
  /** Real paths. */
  readonly file: string
  readonly directory: string
  readonly name: string
}

/** @throws PackageError, BuildError */
export async function bundlePackage({ specifier, root, packages }: PackageJob): Promise<PackageBundle> {
  const resolver = createPackageResolver('browser')
  const realRoot = realDirectory(root) ?? root
  /** Files by the names that esbuild knows them by: no path of the host's is in the text. */
  const places = new Map<string, Place>()
  let fault: PackageError | undefined

  const fail = (code: PackageFault, message: string): never => {
    fault ??= new PackageError(code, message)
    throw fault
  }

  function find(wanted: string, importer: Place | undefined, kind: ImportKind): Place {
    const name = packageName(wanted)
    if (packages !== true && !packages.includes(name))
      fail('ERR_REGROW_DENIED', `it imports the package '${name}'; add it to the option 'packages'`)
    for (let at = importer ? dirname(importer.file) : realRoot; ; at = dirname(at)) {
      const directory = realDirectory(join(at, 'node_modules', name))
      if (directory !== undefined) {
        // What lies in the root could be a link that a guest has made.
        if (isInside(at, realRoot) && !isInside(directory, realRoot))
          fail('ERR_REGROW_DENIED', `the package '${name}' is a link that leads out of the root`)
        return inside(wanted, at, directory, name, kind)
      }
      if (dirname(at) === at) return fail('ERR_REGROW_LINK', `cannot find package '${name}'; is it installed?`)
    }
  }

  function inside(wanted: string, from: string, directory: string, name: string, kind: ImportKind): Place {
    const found = resolver.find(wanted, from, kind)
    if ('builtin' in found) return fail('ERR_REGROW_DENIED', noBuiltin(found.builtin))
    if ('missing' in found)
      return fail('ERR_REGROW_LINK', `cannot find '${wanted}' of the package '${name}'; ${found.missing}`)
    const file = realpathSync.native(found.path)
    if (!isInside(file, directory)) fail('ERR_REGROW_DENIED', `'${wanted}' leads out of the package '${name}'`)
    return { file, directory, name }
  }

  function resolve(wanted: string, importer: Place | undefined, kind: ImportKind): Place {
    if (importer && /^(?:\.{1,2}(?:\/|$)|#)/.test(wanted))
      return inside(wanted, dirname(importer.file), importer.directory, importer.name, kind)
    if (/^(?:[./\\#]|[a-z][a-z\d+.-]*:|[a-z]:)/i.test(wanted) || /[\0\\%]/.test(wanted))
      fail('ERR_REGROW_DENIED', `it imports '${wanted.slice(0, 80)}', which is no package`)
    return find(wanted, importer, kind)
  }

  /** What a package says there is instead, where there is no Node. */
  function instead(wanted: string, importer: Place, kind: ImportKind): Place | 'nothing' | undefined {
    const found = resolver.find(wanted, dirname(importer.file), kind)
    if ('missing' in found) return found.isOff ? 'nothing' : undefined
    if ('builtin' in found) return undefined
    const file = realpathSync.native(found.path)
    return isInside(file, importer.directory) ? { ...importer, file } : undefined
  }

  function nameOf(place: Place): string {
    const shown = `${place.name}/${relative(place.directory, place.file).split(sep).join('/')}`
    for (let copy = 1; ; copy++) {
      const name = copy === 1 ? shown : `${shown}~${copy}`
      const known = places.get(name)
      if (known && known.file !== place.file) continue
      places.set(name, place)
      return name
    }
  }

  const plugin: Plugin = {
    name: 'granted packages',
    setup(esbuild) {
      esbuild.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (kind === 'entry-point') return { path, namespace: 'entry' }
        const isRequired = kind === 'require-call' || kind === 'require-resolve'
        const kindOf = isRequired ? 'require' : 'import'
        const place = places.get(importer)
        const other = place && instead(path, place, kindOf)
        if (other === 'nothing') return { path, namespace: 'nothing' }
        if (other) return { path: nameOf(other), namespace: 'package' }
        // Packages ask for builtins that they can do without: whoever asks at run time is told then.
        if (isBuiltin(path) && isRequired) return { path, external: true }
        if (isBuiltin(path)) return fail('ERR_REGROW_DENIED', noBuiltin(path))
        return { path: nameOf(resolve(path, place, kindOf)), namespace: 'package' }
      })
      esbuild.onLoad({ filter: /.*/, namespace: 'entry' }, () => {
        const name = JSON.stringify(specifier)
        const contents = `import * as namespace from ${name}\nexport { namespace }\nexport const required = () => require(${name})`
        return { contents, loader: 'js' }
      })
      esbuild.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
      esbuild.onLoad({ filter: /.*/, namespace: 'package' }, ({ path }) => {
        const loader = loaders[extname(places.get(path)!.file)]
        if (!loader) return fail('ERR_REGROW_DENIED', `it imports ${path}, which is neither JavaScript nor JSON`)
        const bytes = readRegularFile(places.get(path)!.file, mostFileBytes)
        if (!bytes) return fail('ERR_REGROW_LINK', `cannot read ${path}`)
        return { contents: loader === 'js' ? withPlainImports(bytes.toString('utf8'), path) : bytes, loader }
      })
    },
  }

  try {
    const { outputFiles } = await build({
      entryPoints: ['regrow.mjs'],
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'neutral',
      target: 'es2022',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      tsconfigRaw: {},
      define: { 'process.env.NODE_ENV': '"production"' },
      plugins: [plugin],
    })
    const code = outputFiles[0]!.text
    if (code.length > mostCodeLength) throw new BuildError('the package is too large', 1, 1)
    return { code }
  } catch (error) {
    if (fault) throw fault
    if (error instanceof TooLarge) throw new BuildError('a file of the package is too large', 1, 1)
    if (error instanceof BuildError) throw error
    const [first] =
      (error as { errors?: { text: string; location: { file: string; line: number } | null }[] }).errors ?? []
    const where = first?.location ? ` (${first.location.file.replace(/^package:/, '')}:${first.location.line})` : ''
    throw new BuildError(`${first?.text ?? 'the package cannot be bundled'}${where}`, 1, 1)
  }
}

const noBuiltin = (name: string) => `it imports the builtin '${name}' of Node, and an isolate has none`

const isInside = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)

function realDirectory(path: string): string | undefined {
  try {
    const real = realpathSync.native(path)
    return statSync(real).isDirectory() ? real : undefined
  } catch {
    return undefined
  }
}
