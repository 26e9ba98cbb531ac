// Packages that are loaded when they are first needed: a start from the cache needs none of them, and they take longer than all the rest.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** @returns what gives the package, loaded at the first call */
export function lazily<T>(name: string): () => T {
  let loaded: T | undefined
  return () => (loaded ??= require(name) as T)
}
