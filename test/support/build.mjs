// Builds everything into dist/: tsc writes modules and types; esbuild makes the kernel one script, which realms run as text.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  target: 'node20',
  logLevel: 'warning',
})
chmodSync(join(top, 'dist/host/cli/main.js'), 0o755)
