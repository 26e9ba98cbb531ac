// A directory for the files of one guest program, where imports of packages find the ones this checkout has installed.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The directory of an installed package. */
export const packageDirectory = (name: string): string => dirname(require.resolve(`${name}/package.json`))

export class TemporaryRoot {
  /** Absolute, without symbolic links. */
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-real-')))

  /** @param files texts by path below the root */
  constructor(files: Readonly<Record<string, string>>) {
    symlinkSync(dirname(packageDirectory('mocha')), join(this.path, 'node_modules'), 'junction')
    this.write(files)
  }

  /** Saves files in place, as most editors do. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  }

  /**
   * Copies an installed package into a folder of the root, so that its files are the guest's own.
   * @param isWanted told the path of a file or directory inside the package, with `/`
   */
  copyPackage(name: string, folder: string, isWanted: (path: string) => boolean): void {
    const from = packageDirectory(name)
    const inside = (path: string) => path.slice(from.length + 1).replaceAll('\\', '/')
    cpSync(from, join(this.path, folder), { recursive: true, filter: path => path === from || isWanted(inside(path)) })
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
