// What `import.meta` is made of. Made when it is asked for: few modules do, and there is one for each module.
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ModulePatch } from '../guest/protocol.js'

type Meta = NonNullable<ModulePatch['meta']>

export class ModuleMeta implements Meta {
  readonly isMain: boolean
  readonly #id: string
  readonly #path: (id: string) => string

  constructor(id: string, isMain: boolean, path: (id: string) => string) {
    this.isMain = isMain
    this.#id = id
    this.#path = path
  }

  get filename(): string {
    return this.#path(this.#id)
  }

  get dirname(): string {
    return dirname(this.filename)
  }

  get url(): string {
    return pathToFileURL(this.filename).href
  }

  /** For an isolate, all of it. */
  toJSON(): Meta {
    const { url, dirname, filename, isMain } = this
    return { url, dirname, filename, isMain }
  }
}
