// Guest programs that use `import.meta.hot`, each with edits and with what it tells. Where regrow differs from Vite, the reason stands with it.
// One table, however many programs.

export interface Story {
  readonly files: Readonly<Record<string, string>>
  readonly edits: readonly Readonly<Record<string, string>>[]
  /** At the start, and after each edit. */
  readonly told: string[][]
  /** What regrow tells, where that is something else. */
  readonly regrow?: string[][]
}

/** The most a module can tell of itself. */
const telling = (name: string, version: number, more = '') => `
  tell('${name} ${version}')
  export const version = ${version}
  if (import.meta.hot) {
    ${more}
  }`

export const stories: Readonly<Record<string, Story>> = {
  'accept()': {
    files: { 'main.js': telling('main', 1, 'import.meta.hot.accept()') },
    edits: [
      { 'main.js': telling('main', 2, 'import.meta.hot.accept()') },
      { 'main.js': telling('main', 3, 'import.meta.hot.accept()') },
    ],
    told: [['main 1'], ['main 2'], ['main 3']],
  },
  'accept(callback)': {
    files: { 'main.js': telling('main', 1, `import.meta.hot.accept(module => tell('accepted ' + module.version))`) },
    edits: [
      { 'main.js': telling('main', 2, `import.meta.hot.accept(module => tell('accepted ' + module.version))`) },
      { 'main.js': telling('main', 3, `import.meta.hot.accept(module => tell('accepted ' + module.version))`) },
    ],
    told: [['main 1'], ['main 2', 'accepted 2'], ['main 3', 'accepted 3']],
  },
  'accept() by an importer of what changed': {
    files: {
      'main.js': `import { version } from './part.js'\ntell('main sees ' + version)\nimport.meta.hot.accept()`,
      'part.js': telling('part', 1),
    },
    edits: [{ 'part.js': telling('part', 2) }, { 'part.js': telling('part', 3) }],
    told: [
      ['part 1', 'main sees 1'],
      ['part 2', 'main sees 2'],
      ['part 3', 'main sees 3'],
    ],
  },
  'accept() by a module between': {
    files: {
      'main.js': `import './middle.js'\ntell('main')\nimport.meta.hot.accept()`,
      'middle.js': `import { version } from './part.js'\ntell('middle sees ' + version)\nimport.meta.hot.accept()`,
      'part.js': telling('part', 1),
    },
    edits: [{ 'part.js': telling('part', 2) }],
    told: [
      ['part 1', 'middle sees 1', 'main'],
      ['part 2', 'middle sees 2'],
    ],
  },
  'accept(dependency, callback)': {
    files: {
      'main.js': `import { version } from './part.js'
        tell('main sees ' + version)
        import.meta.hot.accept('./part.js', part => tell('accepted ' + part.version + ' ' + version))`,
      'part.js': telling('part', 1),
    },
    edits: [{ 'part.js': telling('part', 2) }, { 'part.js': telling('part', 3) }],
    told: [
      ['part 1', 'main sees 1'],
      ['part 2', 'accepted 2 1'],
      ['part 3', 'accepted 3 1'],
    ],
    // Importers' bindings are live (R7): main sees the new version, too.
    regrow: [
      ['part 1', 'main sees 1'],
      ['part 2', 'accepted 2 2'],
      ['part 3', 'accepted 3 3'],
    ],
  },
  'accept(dependency, callback) of a change further down': {
    files: {
      'main.js': `import './part.js'\nimport.meta.hot.accept('./part.js', part => tell('accepted ' + part.seen()))`,
      'part.js': `import { version } from './deep.js'\ntell('part')\nexport const seen = () => version`,
      'deep.js': telling('deep', 1),
    },
    edits: [{ 'deep.js': telling('deep', 2) }],
    told: [
      ['deep 1', 'part'],
      ['deep 2', 'part', 'accepted 2'],
    ],
    // Modules that accept nothing are patched in place: what did not change is not run again (R5).
    regrow: [
      ['deep 1', 'part'],
      ['deep 2', 'accepted 2'],
    ],
  },
  'accept([dependencies], callback)': {
    files: {
      'main.js': `import './one.js'\nimport './two.js'
        import.meta.hot.accept(['./one.js', './two.js'], ([one, two]) => tell('accepted ' + one?.version + ' ' + two?.version))`,
      'one.js': telling('one', 1),
      'two.js': telling('two', 1),
    },
    edits: [{ 'two.js': telling('two', 2) }, { 'one.js': telling('one', 2) }],
    told: [
      ['one 1', 'two 1'],
      ['two 2', 'accepted undefined 2'],
      ['one 2', 'accepted 2 undefined'],
    ],
  },
  'acceptExports(names, callback)': {
    files: {
      'main.js': `import './user.js'\nimport.meta.hot.accept()\ntell('main')`,
      'user.js': `import { version } from './part.js'\ntell('user sees ' + version)`,
      'part.js': telling(
        'part',
        1,
        `import.meta.hot.acceptExports(['version'], part => tell('accepted ' + part.version))`,
      ),
    },
    edits: [
      {
        'part.js': telling(
          'part',
          2,
          `import.meta.hot.acceptExports(['version'], part => tell('accepted ' + part.version))`,
        ),
      },
    ],
    told: [
      ['part 1', 'user sees 1', 'main'],
      ['part 2', 'accepted 2'],
    ],
  },
  'acceptExports(names, callback) with an importer that uses more': {
    files: {
      'main.js': `import { version, more } from './part.js'\ntell('main sees ' + version + more)\nimport.meta.hot.accept()`,
      'part.js': `${accepting(1)}\nexport const more = '!'`,
    },
    edits: [{ 'part.js': `${accepting(2)}\nexport const more = '!'` }],
    told: [
      ['part 1', 'main sees 1!'],
      ['part 2', 'main sees 2!', 'accepted 2'],
    ],
  },
  'acceptExports(names, callback) of all exports, imported whole': {
    files: {
      'main.js': `import * as part from './part.js'\ntell('main sees ' + part.version)\nimport.meta.hot.accept()`,
      'part.js': accepting(1),
    },
    edits: [{ 'part.js': accepting(2) }],
    told: [
      ['part 1', 'main sees 1'],
      ['part 2', 'accepted 2'],
    ],
  },
  'acceptExports([], callback) of a module that is imported for what it does': {
    files: {
      'main.js': `import './part.js'\ntell('main')\nimport.meta.hot.accept()`,
      'part.js': acceptingNothing(1),
    },
    edits: [{ 'part.js': acceptingNothing(2) }],
    told: [
      ['part 1', 'main'],
      ['part 2', 'accepted'],
    ],
  },
  'acceptExports(names, callback) holds after an update': {
    files: {
      'main.js': `import { version, more } from './part.js'\ntell('main sees ' + version + more)\nimport.meta.hot.accept()`,
      'part.js': `${accepting(1)}\nexport const more = '!'`,
    },
    edits: [
      { 'part.js': `${accepting(2)}\nexport const more = '!'` },
      { 'part.js': `${accepting(3)}\nexport const more = '!'` },
    ],
    told: [
      ['part 1', 'main sees 1!'],
      ['part 2', 'main sees 2!', 'accepted 2'],
      ['part 3', 'main sees 3!', 'accepted 3'],
    ],
  },
  'accept() beside acceptExports(names)': {
    files: {
      'main.js': `import { more } from './part.js'\ntell('main sees ' + more)\nimport.meta.hot.accept()`,
      'part.js': `${accepting(1)}\nexport const more = '!'\nimport.meta.hot.accept()`,
    },
    edits: [{ 'part.js': `${accepting(2)}\nexport const more = '!'\nimport.meta.hot.accept()` }],
    told: [
      ['part 1', 'main sees !'],
      ['part 2', 'accepted 2'],
    ],
  },
  'a module that takes a name from another file': {
    files: {
      'main.js': `import { version } from './one.js'\ntell('main sees ' + version)\nimport.meta.hot.accept()`,
      'one.js': telling('one', 1),
      'two.js': telling('two', 2),
    },
    edits: [
      { 'main.js': `import { version } from './two.js'\ntell('main sees ' + version)\nimport.meta.hot.accept()` },
    ],
    told: [
      ['one 1', 'main sees 1'],
      ['two 2', 'main sees 2'],
    ],
  },
  'accept of a module that passes on names of another file': {
    files: {
      'main.js': `import { version } from './barrel.js'\ntell('main sees ' + version)\nimport.meta.hot.accept('./barrel.js', barrel => tell('accepted ' + barrel.version))`,
      'barrel.js': `export { version } from './one.js'`,
      'one.js': telling('one', 1),
      'two.js': telling('two', 2),
    },
    edits: [{ 'barrel.js': `export { version } from './two.js'` }],
    told: [
      ['one 1', 'main sees 1'],
      ['two 2', 'accepted 2'],
    ],
  },
  'dispose(callback) and data': {
    files: { 'main.js': counting(1) },
    edits: [{ 'main.js': counting(2) }, { 'main.js': counting(3) }],
    told: [
      ['main 1 undefined'],
      ['dispose 1', 'disposed 1', 'main 2 1', 'accepted 2'],
      ['dispose 2', 'disposed 2', 'main 3 2', 'accepted 3'],
    ],
  },
  'dispose(callback) of a module that is accepted by its importer': {
    files: {
      'main.js': `import './part.js'\nimport.meta.hot.accept('./part.js', part => tell('accepted ' + part.version))`,
      'part.js': telling('part', 1, `import.meta.hot.dispose(() => tell('dispose 1'))`),
    },
    edits: [{ 'part.js': telling('part', 2, `import.meta.hot.dispose(() => tell('dispose 1'))`) }],
    told: [['part 1'], ['dispose 1', 'part 2', 'accepted 2']],
    // The module does not accept itself: it is patched in place and lives on, so it has nothing to dispose of.
    regrow: [['part 1'], ['part 2', 'accepted 2']],
  },
  'prune(callback)': {
    files: {
      'main.js': `import './part.js'\ntell('main 1')\nimport.meta.hot.accept()
        import.meta.hot.on('vite:beforePrune', event => tell(event.type + ' ' + event.paths))
        import.meta.hot.on('vite:afterUpdate', () => tell('after'))`,
      'part.js': telling(
        'part',
        1,
        `import.meta.hot.data.kept = 7
         import.meta.hot.prune(data => tell('prune ' + data.kept))
         import.meta.hot.dispose(data => tell('dispose ' + data.kept))`,
      ),
    },
    edits: [
      {
        'main.js': `tell('main 2')\nimport.meta.hot.accept()
        import.meta.hot.on('vite:beforePrune', event => tell(event.type + ' ' + event.paths))
        import.meta.hot.on('vite:afterUpdate', () => tell('after'))`,
      },
    ],
    told: [
      ['part 1', 'main 1'],
      ['main 2', 'after', 'prune /part.js', 'dispose 7', 'prune 7'],
    ],
  },
  'invalidate(message)': {
    files: {
      'main.js': `import { version } from './part.js'\ntell('main sees ' + version)\nimport.meta.hot.accept()
        import.meta.hot.on('vite:invalidate', event => tell('invalidate ' + event.path + ' ' + event.message + ' ' + event.firstInvalidatedBy))
        import.meta.hot.on('vite:beforeUpdate', event => tell('before ' + event.updates.map(each => each.path + ' ' + each.firstInvalidatedBy)))`,
      'part.js': telling(
        'part',
        1,
        `import.meta.hot.accept(part => import.meta.hot.invalidate('because ' + part.version))`,
      ),
    },
    edits: [
      {
        'part.js': telling(
          'part',
          2,
          `import.meta.hot.accept(part => import.meta.hot.invalidate('because ' + part.version))`,
        ),
      },
    ],
    told: [
      ['part 1', 'main sees 1'],
      [
        'before /part.js undefined',
        'part 2',
        'invalidate /part.js because 2 /part.js',
        'before /main.js /part.js',
        'main sees 2',
      ],
    ],
  },
  'invalidate() at the start': {
    files: { 'main.js': `tell('main 1')\nimport.meta.hot.accept()\nimport.meta.hot.invalidate()` },
    edits: [],
    told: [['main 1']],
  },
  'on(…) and off(…)': {
    files: { 'main.js': listening(1) },
    edits: [{ 'main.js': listening(2) }, { 'main.js': listening(3) }],
    told: [
      ['main 1'],
      ['before update /main.js /main.js js-update', 'main 2', 'after update'],
      ['before update /main.js /main.js js-update', 'main 3', 'after update'],
    ],
  },
  'a callback that throws': {
    files: {
      'main.js': telling('main', 1, `import.meta.hot.accept(() => { tell('accepted'); throw new Error('no') })`),
    },
    edits: [
      { 'main.js': telling('main', 2, 'import.meta.hot.accept()') },
      { 'main.js': telling('main', 3, 'import.meta.hot.accept()') },
    ],
    told: [['main 1'], ['main 2', 'accepted'], ['main 3']],
  },
  'a module that fails, and is mended': {
    files: { 'main.js': telling('main', 1, 'import.meta.hot.accept()') },
    edits: [
      { 'main.js': `${telling('main', 2, 'import.meta.hot.accept()')}\nthrow new Error('no')` },
      { 'main.js': telling('main', 3, 'import.meta.hot.accept()') },
    ],
    told: [['main 1'], ['main 2'], ['main 3']],
  },
  'decline()': {
    files: {
      'main.js': `import './part.js'\nimport.meta.hot.accept(() => tell('accepted'))\ntell('main')`,
      'part.js': telling('part', 1, 'import.meta.hot.decline()'),
    },
    edits: [{ 'part.js': telling('part', 2, 'import.meta.hot.decline()') }],
    told: [
      ['part 1', 'main'],
      ['part 2', 'main', 'accepted'],
    ],
    // In Vite it does nothing any more; here such an edit is rejected.
    regrow: [['part 1', 'main'], []],
  },
}

function accepting(version: number): string {
  return telling(
    'part',
    version,
    `import.meta.hot.acceptExports(['version'], part => tell('accepted ' + part.version))`,
  )
}

function acceptingNothing(version: number): string {
  return telling('part', version, `import.meta.hot.acceptExports([], () => tell('accepted'))`)
}

function counting(version: number): string {
  return `
    tell('main ${version} ' + import.meta.hot.data.version)
    export const version = ${version}
    import.meta.hot.accept(module => tell('accepted ' + module.version))
    import.meta.hot.dispose(async data => {
      tell('dispose ' + version)
      await null
      data.version = version
      tell('disposed ' + version)
    })`
}

function listening(version: number): string {
  return `
    tell('main ${version}')
    import.meta.hot.accept()
    const before = ({ type, updates: [{ path, acceptedPath, type: kind }] }) => tell(['before', type, path, acceptedPath, kind].join(' '))
    import.meta.hot.on('vite:beforeUpdate', before)
    import.meta.hot.on('vite:afterUpdate', before)
    import.meta.hot.off('vite:afterUpdate', before)
    import.meta.hot.on('vite:afterUpdate', event => tell('after ' + event.type))`
}
