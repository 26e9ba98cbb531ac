// Where this package's own files are. Said in one place, for it is relative to this file, which is bundled too (test/support/build.mjs):
// the bundle's folders are laid out as these are.
import { fileURLToPath } from 'node:url'

const urlOf = (path: string): string => new URL(path, import.meta.url).href
const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Everything below it is this package's. */
export const ownFolder = urlOf('..')
/** What `regrow` and `regrow/guest` stand for. */
export const hostUrl = urlOf('./index.js')
export const guestUrl = urlOf('../guest/index.js')

export const fingerprintPath = pathOf('../bundler/fingerprint.txt')
/** The kernel of local realms as one script. */
export const kernelPath = pathOf('../guest/kernel.bundle.js')
export const isolateKernelPath = pathOf('../guest/isolate.bundle.js')
export const webPath = pathOf('../guest/web.bundle.js')
export const isolateChildPath = pathOf('./isolate-child.cjs')
export const buildChildPath = pathOf('./realms/isolate/build-child.js')
