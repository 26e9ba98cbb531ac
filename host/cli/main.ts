#!/usr/bin/env node
// What `regrow` runs. Node 22 and later keep what V8 makes of modules: it has to be asked before they are loaded.
import module from 'node:module'

const { enableCompileCache } = module as { enableCompileCache?: () => unknown }
enableCompileCache?.()
await import('./command-line.js')
