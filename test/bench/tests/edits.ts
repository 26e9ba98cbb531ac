// Random edits of a made-up project: of leaves and of specs, some of which break tests that later ones mend.
import { leavesOf, type Module, modulePath, moduleText, type Spec, type Suite, specPath, specText } from './suite.js'

export interface TestEdit {
  readonly kind: 'leaf' | 'spec'
  readonly what: string
  readonly file: string
  /** Saved first, some of the time: half a line, which gives no verdict. */
  readonly broken: string | undefined
  readonly text: string
}

/** How many of the edits are of specs. */
const specShare = 0.25
const brokenShare = 0.15

/** Changes the suite, and tells what is to be saved. @param random numbers from 0 to 1 */
export function nextEdit(suite: Suite, random: () => number): TestEdit {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  if (random() < specShare) {
    const spec = pick(suite.specs)
    const what = pick(specEdits)(spec)
    return { kind: 'spec', what, file: specPath(spec), ...texts(specText(suite, spec), random) }
  }
  const broken = suite.modules.filter(isBroken)
  // Half of the time what is broken is mended, so that not everything fails in the end.
  const leaf = broken.length > 0 && random() < 0.5 ? pick(broken) : pick(leavesOf(suite))
  const what = isBroken(leaf) ? mend(leaf) : pick(leafEdits)(leaf)
  return { kind: 'leaf', what, file: modulePath(leaf), ...texts(moduleText(suite, leaf), random) }
}

function texts(text: string, random: () => number): { text: string; broken: string | undefined } {
  const isHalf = random() < brokenShare
  return { text, broken: isHalf ? text.slice(0, text.lastIndexOf('(')) : undefined }
}

const leafEdits: readonly ((leaf: Module) => string)[] = [
  leaf => {
    leaf.step += 1
    return 'another constant'
  },
  leaf => {
    leaf.factor += 1
    return 'another body'
  },
  leaf => {
    leaf.throws = true
    return 'a body that throws'
  },
  leaf => {
    leaf.extra += 1
    return 'a function more'
  },
]

const stepOf = ({ index }: Module) => 1 + (index % 7)
const factorOf = ({ index }: Module) => 2 + (index % 3)

const isBroken = (each: Module): boolean => each.throws || each.step !== stepOf(each) || each.factor !== factorOf(each)

function mend(leaf: Module): string {
  leaf.step = stepOf(leaf)
  leaf.factor = factorOf(leaf)
  leaf.throws = false
  return 'mended'
}

const specEdits: readonly ((spec: Spec) => string)[] = [
  spec => {
    spec.mistake = spec.mistake ? 0 : 1
    return spec.mistake ? 'expects something else' : 'expects what is right'
  },
  spec => {
    spec.extraTests += 1
    return 'a test more'
  },
  spec => {
    spec.extraTests = Math.max(0, spec.extraTests - 1)
    spec.title = `${spec.title}!`
    return 'another title, a test less'
  },
  spec => {
    spec.mark = spec.mark ? '' : '.skip'
    return spec.mark ? 'a test skipped' : 'a test no longer skipped'
  },
]
