// A generated project on the disk: its modules in folders of 50, the entries of all tools, and edits of it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGraph, type Graph, type Shape } from './graph.js'
import { hubText, type Language, moduleText } from './module-text.js'

export interface ProjectKind {
  readonly shape: Shape
  readonly language: Language
  /** Modules, without the hub and the entry. */
  readonly size: number
}

/** A module to ask for. */
export interface Target {
  /** As `at` in the modules takes it. */
  readonly path: readonly number[]
  /** Absolute. */
  readonly file: string
}

/** A target, and a text that makes it tell another version. */
export interface Edit extends Target {
  readonly text: string
  readonly version: number
  /** Where in its answer the version stands. */
  readonly place: 0 | 2
}

/** They are JavaScript that is not compiled, so they stay beside the sources. */
export const guestDirectory = fileURLToPath(new URL('../../../../test/bench/peers/guest/', import.meta.url))

export const entries = ['plain', 'accept', 'boundary', 'floor'] as const

const modulesInFolder = 50

export class Project {
  readonly directory: string
  readonly kind: ProjectKind
  readonly #graph: Graph
  #version = 1

  /** Writes it. @param directory is made, and must not be there */
  constructor(directory: string, kind: ProjectKind) {
    this.directory = directory
    this.kind = kind
    this.#graph = createGraph(kind.shape, kind.size)
    // A tool's cache goes there.
    mkdirSync(join(directory, 'node_modules'), { recursive: true })
    const hotHook = { boundaries: [`./src/root.${kind.language}`] }
    this.#write(join(directory, 'package.json'), JSON.stringify({ name: 'bench', type: 'module', hotHook }))
    this.#write(
      join(directory, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { target: 'es2022', module: 'nodenext', allowImportingTsExtensions: true } }),
    )
    for (const name of ['link', ...entries]) {
      const text = readFileSync(join(guestDirectory, `${name}.js`), 'utf8')
      this.#write(
        join(directory, `${name}.${kind.language}`),
        text.replaceAll(/(?<='\.\/.*)\.js'/g, `.${kind.language}'`),
      )
    }
    this.#write(this.#hubFile, hubText(0))
    for (const index of this.#graph.imports.keys()) this.#write(this.#file(index), this.#text(index, 0))
  }

  get leafCount(): number {
    return this.#graph.leaves.length
  }

  /** @param which counts leaves; beyond the last they begin anew */
  editLeaf(which: number): Edit {
    return this.#edit(this.#leaf(which))
  }

  /** An edit of the module all import, seen through a leaf. */
  editHub(): Edit {
    const version = this.#version++
    const path = this.#graph.path(this.#leaf(this.#graph.leaves.length - 1))
    return { path, file: this.#hubFile, text: hubText(version), version, place: 2 }
  }

  /** Edits of modules all over the graph, as many as asked for or as there are. */
  editMany(count: number): Edit[] {
    const { size } = this.kind
    const all = Math.min(count, size)
    return Array.from({ length: all }, (_, index) => this.#edit(size - 1 - Math.floor((index * size) / all)))
  }

  delete(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  #leaf(which: number): number {
    const { leaves } = this.#graph
    // From the end: those are deepest.
    return leaves[leaves.length - 1 - (which % leaves.length)]!
  }

  #edit(index: number): Edit {
    const version = this.#version++
    return {
      path: this.#graph.path(index),
      file: this.#file(index),
      text: this.#text(index, version),
      version,
      place: 0,
    }
  }

  get #hubFile(): string {
    return join(this.directory, 'src', `hub.${this.kind.language}`)
  }

  #file(index: number): string {
    const { language } = this.kind
    if (index === 0) return join(this.directory, 'src', `root.${language}`)
    const folder = `part${Math.floor(index / modulesInFolder)}`
    return join(this.directory, 'src', folder, `m${index}.${language}`)
  }

  #text(index: number, version: number): string {
    const specifier = (file: string) => {
      const path = relative(dirname(this.#file(index)), file)
      return path.startsWith('.') ? path : `./${path}`
    }
    return moduleText({
      index,
      version,
      language: this.kind.language,
      hub: specifier(this.#hubFile),
      imports: this.#graph.imports[index]!.map(each => specifier(this.#file(each))),
    })
  }

  #write(file: string, text: string): void {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
