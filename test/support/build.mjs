// Builds everything into dist/: tsc writes modules and types; esbuild makes the kernel one script, which realms run as text.
import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
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
await build({
  entryPoints: [join(top, 'guest/kernel.ts')],
  outfile: join(top, 'dist/guest/kernel.bundle.js'),
  bundle: true,
  format: 'iife',
  globalName: 'kernel',
  footer: { js: 'return kernel.createKernel' },
  target: 'es2022',
  logLevel: 'warning',
})
await build({
  entryPoints: [join(top, 'guest/isolate/main.ts')],
  outfile: join(top, 'dist/guest/isolate.bundle.js'),
  bundle: true,
  format: 'iife',
  globalName: 'isolate',
  banner: { js: "(()=>{'use strict';" },
  footer: { js: 'return isolate.createIsolate})()' },
  target: 'es2022',
  logLevel: 'warning',
})
await build({
  entryPoints: [join(top, 'guest/isolate/web.mjs')],
  outfile: join(top, 'dist/guest/web.bundle.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'web',
  banner: { js: '(()=>{' },
  footer: { js: 'return web})()' },
  target: 'es2022',
  logLevel: 'warning',
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
