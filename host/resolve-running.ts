// Where an `import()` of the running program leads.
import type { ImportAttributes } from '../guest/protocol.js'
import { type Builder, BuildFailure } from './builder.js'
import type { Graph } from './graph.js'
import type { Resolved } from './module.js'

/**
 * A module whose file is gone runs on when the reload that missed it was rejected (R8), and can still be imported.
 * @throws BuildFailure
 */
export function resolveRunning(
  builder: Builder,
  { modules }: Graph,
  specifier: string,
  importer: string,
  attributes: ImportAttributes,
): Resolved {
  try {
    return builder.resolve(specifier, importer, attributes)
  } catch (failure) {
    const wanted = failure instanceof BuildFailure ? failure.wanted : []
    const id = wanted.find(each => each !== importer && modules.has(each))
    if (id === undefined) throw failure
    return { kind: 'guest', id }
  }
}
