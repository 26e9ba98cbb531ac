// What kernels and `regrow/guest` share, where they are one copy of the package in one realm.

/** What a reload changes in one module: names of bindings, and `Class.member` for members. */
export interface Changes {
  readonly module: string
  readonly names: readonly string[]
}

/** What guests can do while an item runs. */
export interface ItemTools {
  /** Id of the module whose item it is. */
  readonly module: string
  readonly isReload: boolean
  readonly changes: readonly Changes[]
  keep<T>(init: () => T): T
  onDispose(run: () => unknown): void
  migrate(changed: abstract new (...args: any[]) => object, migration: (instance: any) => void): void
}

export interface GuestState {
  /** What the reloads change that are evaluating now. */
  readonly reloads: Set<readonly Changes[]>
  /** Each gives the item that runs in its kernel now, if one does. */
  readonly kernels: Set<() => ItemTools | undefined>
}

export const guestState: GuestState = {
  reloads: /* @__PURE__ */ new Set(),
  kernels: /* @__PURE__ */ new Set(),
}
