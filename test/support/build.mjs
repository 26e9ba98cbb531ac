// Builds everything into dist/: tsc writes modules and types, which the tests use; esbuild makes the kernel one script, which realms run as
// text, and dist/bundle, the package as it is published: a hundred small files take Node as long to load as all the rest of a start.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const top = join(dirname(fileURLToPath(import.meta.url)), '../..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

rmSync(join(top, 'dist'), { recursive: true, force: true })
try {
  execFileSync(process.execPath, [tsc, '-p', top], { stdio: 'inherit' })
} catch {
  process.exit(1) // tsc has printed why
}
/** What caches depend on: all that makes code of texts. */
const bundler = join(top, 'dist/bundler')
const texts = readdirSync(bundler)
  .filter(name => name.endsWith('.js'))
  .sort()
  .map(name => readFileSync(join(bundler, name)))
writeFileSync(join(bundler, 'fingerprint.txt'), createHash('sha1').update(Buffer.concat(texts)).digest('hex'))

/** A text that is evaluated in a realm. */
const script = { bundle: true, format: 'iife', target: 'es2022', logLevel: 'warning' }

await build({
  ...script,
  entryPoints: [join(top, 'guest/kernel.ts')],
  outfile: join(top, 'dist/guest/kernel.bundle.js'),
  globalName: 'kernel',
  footer: { js: 'return kernel.createKernel' },
})
await build({
  ...script,
  entryPoints: [join(top, 'guest/isolate/main.ts')],
  outfile: join(top, 'dist/guest/isolate.bundle.js'),
  globalName: 'isolate',
  banner: { js: "(()=>{'use strict';" },
  footer: { js: 'return isolate.createIsolate})()' },
})
await build({
  ...script,
  entryPoints: [join(top, 'guest/isolate/web.mjs')],
  outfile: join(top, 'dist/guest/web.bundle.js'),
  minify: true,
  globalName: 'web',
  banner: { js: '(()=>{' },
  footer: { js: 'return web})()' },
})
// One file, so that the process needs leave to read nothing else.
await build({
  entryPoints: [join(top, 'host/realms/isolate/child.ts')],
  outfile: join(top, 'dist/host/isolate-child.cjs'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  logLevel: 'warning',
})

const bundle = join(top, 'dist/bundle')
await build({
  // Laid out as the sources are: host/own-files.ts finds the rest from there.
  entryPoints: ['host/index', 'host/cli/main', 'host/realms/isolate/build-child', 'guest/index'].map(name => ({
    in: join(top, `${name}.ts`),
    out: name,
  })),
  outdir: bundle,
  chunkNames: 'host/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
})
const assets = ['kernel.bundle.js', 'isolate.bundle.js', 'web.bundle.js'].map(name => `guest/${name}`)
for (const each of [...assets, 'host/isolate-child.cjs', 'bundler/fingerprint.txt'])
  cpSync(join(top, 'dist', each), join(bundle, each))
chmodSync(join(bundle, 'host/cli/main.js'), 0o755)
