// The paths that a guest in an isolate sees: as if its root were `/app`.
import { pathToFileURL } from 'node:url'
import type { Sources } from '../../sources.js'

export const virtualRoot = '/app'
export const virtualUrl = `file://${virtualRoot}`

/** The key that `regrow/guest` is linked by. */
export const guestModule = 'regrow:guest'

export const virtualPath = (id: string): string => `${virtualRoot}/${id}`

/** Sources as the guest may know them. */
export const withVirtualPaths = (sources: Sources): Sources => ({
  ...sources,
  get watchable() {
    return sources.watchable
  },
  path: virtualPath,
})

/** A stack that names the guest's paths, as the host's people want it: with the files that they are. */
export const withRealPaths = (stack: string, root: string): string =>
  stack
    .replaceAll(`${virtualUrl}/`, `${pathToFileURL(root).href}/`)
    .replaceAll(new RegExp(`([ (])${virtualRoot}/`, 'g'), (_match, before) => `${before}${root}/`)

/** A message of the host's as the guest may read it: without the host's paths. */
export const withoutPaths = (message: string, root: string): string => message.replaceAll(root, virtualRoot)
