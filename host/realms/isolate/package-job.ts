// What the host asks of the process that bundles granted packages, and what it may be told.

export interface PackageJob {
  readonly kind: 'package'
  /** `name` or `name/path`. */
  readonly specifier: string
  /** Where node_modules is looked for, and above. Files below it are the guest's as well. */
  readonly root: string
  /** All, or those listed: packages import each other only if both are granted. */
  readonly packages: readonly string[] | true
}

/** The body of a function of `exports` and `require`: `exports.namespace` is what an import gives, `exports.required()` what `require` does. */
export interface PackageBundle {
  readonly code: string
}

/** Why a package cannot be had, by the code of the error. */
export type PackageFault = 'ERR_REGROW_LINK' | 'ERR_REGROW_DENIED'

export class PackageError extends Error {
  readonly code: PackageFault
  constructor(code: PackageFault, message: string) {
    super(message)
    this.code = code
  }
}
