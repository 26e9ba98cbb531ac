// A test loop under measurement: a process that runs mocha's runner, and tells through a reporter how each run ended.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** State by file and full title. */
export type Verdicts = ReadonlyMap<string, string>

interface RunReport {
  /** On the clock of `performance.timeOrigin`. */
  readonly at: number
  readonly tests: readonly (readonly [file: string, title: string, state: string])[]
}

export interface Habits {
  /** Every run is of all tests; else what a run tells of a file takes the place of what was known of it. */
  readonly runsAll: boolean
  /** What it prints when no run is to follow. */
  readonly waits: RegExp
}

/** Tells the harness of each run, in either tool. */
const reporter = `'use strict'
const { relative } = require('node:path')
module.exports = class {
  constructor(runner) {
    const tests = []
    const note = state => test => tests.push([relative(process.cwd(), test.file || ''), test.fullTitle(), state])
    for (const [event, state] of [['pass', 'passed'], ['fail', 'failed'], ['pending', 'pending']]) runner.on(event, note(state))
    runner.on('end', () => process.send({ at: performance.timeOrigin + performance.now(), tests }))
  }
}
`

/** How long nothing more must come before a verdict is the last one, in milliseconds. */
const quiet = 300

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class Tool implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #runs: RunReport[] = []
  readonly #runsAll: boolean
  /** How many times it has said that it waits. */
  #waits = 0
  #verdicts = new Map<string, string>()
  #output = ''

  constructor(name: string, folder: string, command: readonly string[], { runsAll, waits }: Habits) {
    this.name = name
    this.#runsAll = runsAll
    const path = join(folder, 'reporter.cjs')
    writeFileSync(path, reporter)
    this.#child = spawn(process.execPath, [...command, '--reporter', path], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
    })
    running.add(this.#child)
    this.#child.on('message', message => this.#runs.push(message as RunReport))
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', text => {
        this.#output = (this.#output + text).slice(-3000)
        if (waits.test(text)) this.#waits++
      })
  }

  get verdicts(): Verdicts {
    return this.#verdicts
  }

  /** Forgets what was heard before a save. */
  forget(): void {
    this.#take()
    this.#waits = 0
  }

  /**
   * Waits for a verdict, and for the last one when more follow.
   * @param since when the save began
   * @returns milliseconds until the run ended that first gave the final verdict
   * @throws Error with what the tool printed when none comes in time
   */
  async verdict(since: number, deadline: number): Promise<number> {
    const end = Date.now() + deadline
    // A run that was cut short by an event more of the same save is followed by another.
    while (this.#runs.length === 0 || this.#waits === 0) {
      if (Date.now() > end) throw new Error(`${this.name} gave no verdict within ${deadline} ms:\n${this.#output}`)
      await delay(5)
    }
    for (let known = 0; known !== this.#runs.length; ) {
      known = this.#runs.length
      await delay(quiet)
    }
    const states = this.#take()
    const last = print(states[states.length - 1]!.verdicts)
    return states.find(each => print(each.verdicts) === last)!.at - since
  }

  #take(): { at: number; verdicts: Map<string, string> }[] {
    return this.#runs.splice(0).map(({ at, tests }) => {
      const files = new Set(tests.map(([file]) => file))
      const kept = this.#runsAll ? [] : [...this.#verdicts].filter(([key]) => !files.has(key.split('\n')[0]!))
      this.#verdicts = new Map([...kept, ...tests.map(([file, title, state]) => [`${file}\n${title}`, state] as const)])
      return { at, verdicts: this.#verdicts }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    running.delete(this.#child)
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null)
      await new Promise(resolve => this.#child.once('exit', resolve))
  }
}

const print = (verdicts: Verdicts): string => JSON.stringify([...verdicts].sort(([a], [b]) => (a < b ? -1 : 1)))

/** @returns in words, what differs; empty when nothing does */
export function differences(a: Verdicts, b: Verdicts): string[] {
  const keys = new Set([...a.keys(), ...b.keys()])
  return [...keys]
    .filter(key => a.get(key) !== b.get(key))
    .map(key => `${key.replace('\n', ': ')}: ${a.get(key) ?? 'not there'} and ${b.get(key) ?? 'not there'}`)
}
