// What `regrow test` asks of a program besides what embedders can.
import type { ReloadReport } from './api.js'
import type { BuiltModule } from './module.js'

export interface ProgramHooks {
  /** Texts over the files, by id, from the start. */
  readonly texts?: Readonly<Record<string, string>>
  /** Awaited before each reload that files or texts bring. */
  readonly beforeReload?: () => Promise<void>
  /** Texts to push in the same reload, given the ids that it looks at. */
  readonly textsFor?: (ids: ReadonlySet<string>) => Readonly<Record<string, string>>
  /** Ids of modules to execute whole because others change. May be asked twice in one reload. */
  readonly alsoWhole?: (change: SeenChange) => readonly string[]
  /** Called in the turn in which a reload ends, or the execution of `executed`. */
  readonly afterReload?: (report: ReloadReport, executed: readonly string[] | undefined) => void
}

/** A change that is about to be applied. */
export interface SeenChange {
  /** Ids of running modules whose code or links change. */
  readonly changed: readonly string[]
  /** A module as it will be. */
  module(id: string): BuiltModule | undefined
  /** Modules that import a module, by `import()` and `require` too. */
  importers(id: string): readonly string[]
}
