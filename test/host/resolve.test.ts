// The resolver and the tsconfig reader, on files of a temporary root. One file for one contract, however many cases.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HostOptions, SourceStore } from '../../host/api.js'
import { createResolver, type Resolution } from '../../host/resolve.js'
import { createSources } from '../../host/sources.js'
import { createTsconfig } from '../../host/tsconfig.js'

describe('resolve', () => {
  let top: string
  let root: string
  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-resolve-')))
    root = join(top, 'app')
    mkdirSync(root)
  })
  afterEach(() => rmSync(top, { recursive: true, force: true }))

  /** Writes files below the root; `../x` is beside it. */
  function write(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
  }

  function setup(
    options: { given?: Record<string, string> | SourceStore; root?: string } & Pick<
      HostOptions,
      'packages' | 'modules'
    > = {},
  ) {
    const at = options.root ?? root
    const sources = createSources(at, options.given)
    const tsconfig = createTsconfig(sources)
    const { packages = true, modules = {} } = options
    const resolver = createResolver({ root: at, sources, packages, modules, tsconfig })
    const to = (specifier: string, importer = 'main.ts', kind: 'import' | 'require' = 'import') =>
      inWords(resolver.resolve(specifier, importer, kind))
    const failure = (specifier: string, importer = 'main.ts', kind: 'import' | 'require' = 'import') => {
      const found = resolver.resolve(specifier, importer, kind)
      assert.equal(found.kind, 'failed', `${specifier} resolved to ${inWords(found)}`)
      return found as Resolution & { kind: 'failed' }
    }
    return { sources, tsconfig, resolver, to, failure }
  }

  function inWords(found: Resolution): string {
    switch (found.kind) {
      case 'guest':
        return found.id
      case 'external':
        return found.url
      case 'granted':
        return `granted ${found.name}`
      case 'failed':
        return `${found.error.code}: ${found.error.message}`
    }
  }

  const url = (path: string) => pathToFileURL(join(root, path)).href

  describe('files', () => {
    const memory = {
      'main.ts': '',
      'both.js': '',
      'both.ts': '',
      'typed.ts': '',
      'view.tsx': '',
      'm.mts': '',
      'c.cts': '',
      'data.json': '',
      'lib/index.ts': '',
      'lib/deep/a.ts': '',
      'lib.backup': '',
      'a b.js': '',
      'dotted.name.ts': '',
      'index.js': '',
    }
    const cases: [specifier: string, importer: string, id: string][] = [
      ['./both.js', 'main.ts', 'both.js'],
      ['./both', 'main.ts', 'both.ts'],
      ['./typed.js', 'main.ts', 'typed.ts'],
      ['./view.js', 'main.ts', 'view.tsx'],
      ['./view.jsx', 'main.ts', 'view.tsx'],
      ['./m.mjs', 'main.ts', 'm.mts'],
      ['./c.cjs', 'main.ts', 'c.cts'],
      ['./data', 'main.ts', 'data.json'],
      ['./dotted.name', 'main.ts', 'dotted.name.ts'],
      ['./lib', 'main.ts', 'lib/index.ts'],
      ['./lib/', 'main.ts', 'lib/index.ts'],
      ['.', 'main.ts', 'index.js'],
      ['./', 'main.ts', 'index.js'],
      ['..', 'lib/index.ts', 'index.js'],
      ['..', 'lib/deep/a.ts', 'lib/index.ts'],
      ['../../main', 'lib/deep/a.ts', 'main.ts'],
      ['./main.ts', '', 'main.ts'],
      ['./a%20b.js', 'main.ts', 'a b.js'],
      ['./typed.js?v=1#x', 'main.ts', 'typed.ts'],
    ]
    for (const [specifier, importer, id] of cases) {
      it(`finds ${id} as '${specifier}' from ${importer || 'the entry'}`, () => {
        assert.equal(setup({ given: memory }).to(specifier, importer), id)
      })
    }

    it('takes absolute paths and file URLs inside the root', () => {
      write({ 'lib/a.ts': '' })
      const { to } = setup()
      assert.equal(to(join(root, 'lib/a.js')), 'lib/a.ts')
      assert.equal(to(url('lib/a.ts')), 'lib/a.ts')
      assert.equal(to(`${url('lib/a.ts')}?x`), 'lib/a.ts')
    })

    it('does not take the query for a part of a file name, except for require', () => {
      const { failure, to } = setup({ given: { 'a.js?raw': '' } })
      assert.match(
        failure('./a.js?raw').error.message,
        /cannot find '.\/a.js\?raw' imported by main.ts; '\?raw' is not part/,
      )
      assert.equal(to('./a.js?raw', 'main.ts', 'require'), 'a.js?raw')
    })

    it('tells what is missing, for whom, what else was meant, and which files would mend it', () => {
      const { failure } = setup({ given: { 'src/config2.ts': '', 'src/server.ts': '' } })
      const { error, wanted } = failure('./config.js', 'src/main.ts')
      assert.equal(error.code, 'ERR_REGROW_LINK')
      assert.equal(error.message, "cannot find './config.js' imported by src/main.ts; did you mean './config2.js'?")
      assert.deepEqual(wanted.slice(0, 4), ['src/config.js', 'src/config.ts', 'src/config.tsx', 'src/config.js.ts'])
      assert.ok(wanted.includes('src/config.js/index.ts'))
      assert.equal(
        failure('../src/sevrer', 'src/main.ts').error.message,
        "cannot find '../src/sevrer' imported by src/main.ts; did you mean '../src/server'?",
      )
      assert.equal(
        failure('./unlike.js', 'src/main.ts').error.message,
        "cannot find './unlike.js' imported by src/main.ts",
      )
      assert.equal(failure('./mian.ts', '').error.message, "cannot find './mian.ts'")
    })

    it('each wanted id mends it when it appears', () => {
      const { failure, sources, to, resolver } = setup({ given: {} })
      for (const id of failure('./lib/config.js').wanted) {
        sources.push({ [id]: '' })
        resolver.clearFiles()
        assert.equal(to('./lib/config.js'), id)
        sources.push({ [id]: null })
      }
    })

    it('sees pushed files, and not those that a push hides', () => {
      write({ 'a.ts': '' })
      const { sources, to, failure } = setup()
      sources.push({ 'b.ts': '', 'a.ts': null })
      assert.equal(to('./b.js'), 'b.ts')
      failure('./a.js')
    })
  })

  describe('the edge of the root', () => {
    it('denies files outside, naming importer and target', () => {
      write({ '../secret.ts': '' })
      for (const specifier of ['../secret.ts', join(top, 'secret.ts'), pathToFileURL(join(top, 'secret.ts')).href]) {
        const { error, wanted } = setup().failure(specifier)
        assert.equal(error.code, 'ERR_REGROW_DENIED')
        assert.match(error.message, /^main\.ts may not import /)
        assert.ok(error.message.includes(join(top, 'secret.ts')), error.message)
        assert.deepEqual(wanted, [])
      }
    })

    it('denies a link that leads out', () => {
      write({ '../outside/secret.ts': '' })
      symlinkSync(join(top, 'outside'), join(root, 'inside'))
      symlinkSync(join(top, 'outside/secret.ts'), join(root, 'secret.ts'))
      for (const specifier of ['./inside/secret.ts', './secret.ts'])
        assert.equal(setup().failure(specifier).error.code, 'ERR_REGROW_DENIED')
    })

    it('gives a file one id, by whatever link it is reached', () => {
      write({ 'real/a.ts': '' })
      symlinkSync(join(root, 'real'), join(root, 'linked'))
      symlinkSync(root, join(top, 'other-name'))
      assert.equal(setup().to('./linked/a.ts'), 'real/a.ts')
      assert.equal(setup({ root: join(top, 'other-name') }).to('./real/a.ts'), 'real/a.ts')
    })

    it('lets files of packages through, above the root as well', () => {
      write({ '../node_modules/up/index.js': '', 'node_modules/down/index.js': '' })
      const { to } = setup()
      assert.equal(to('../node_modules/up/index.js'), url('../node_modules/up/index.js'))
      assert.equal(to('./node_modules/down/index'), url('node_modules/down/index.js'))
      assert.match(setup({ packages: ['up'] }).to('./node_modules/down/index.js'), /^ERR_REGROW_DENIED.*add 'down'/)
    })
  })

  describe('builtins and granted modules', () => {
    it('gives builtins their node: name', () => {
      const { to } = setup()
      assert.equal(to('fs'), 'node:fs')
      assert.equal(to('node:fs/promises'), 'node:fs/promises')
      assert.match(
        to('node:nonsense'),
        /^ERR_REGROW_LINK: main.ts imports 'node:nonsense': this Node has no such builtin/,
      )
    })

    it('asks the packages option', () => {
      const some = setup({ packages: ['fs', 'node:path'] })
      assert.equal(some.to('node:fs'), 'node:fs')
      assert.equal(some.to('fs/promises'), 'node:fs/promises')
      assert.equal(some.to('path'), 'node:path')
      assert.match(
        some.to('os'),
        /^ERR_REGROW_DENIED: main.ts may not import 'os': add 'node:os' to the option 'packages'/,
      )
      assert.match(
        setup({ packages: false }).to('fs'),
        /^ERR_REGROW_DENIED: .*packages are off; set the option 'packages'/,
      )
    })

    it('serves granted modules by their own names first', () => {
      const { to } = setup({ packages: false, modules: { 'app:db': {}, fs: {}, express: {} } })
      assert.equal(to('app:db'), 'granted app:db')
      assert.equal(to('fs'), 'granted fs')
      assert.equal(to('express'), 'granted express')
      assert.match(to('toString'), /^ERR_REGROW_DENIED/)
    })

    it('does not support other schemes', () => {
      const { to } = setup()
      for (const specifier of ['data:text/javascript,1', 'http://example.org/a.js', 'app:other'])
        assert.match(to(specifier), /^ERR_REGROW_LINK: main.ts imports '.*': imports by '\w+:' are not supported/)
    })
  })

  describe('packages', () => {
    const conditional = {
      name: 'conditional',
      exports: { '.': { import: './m.mjs', require: './c.cjs' }, './sub': './s.js' },
    }

    it('chooses by condition, and takes exports and main', () => {
      write({
        'node_modules/conditional/package.json': JSON.stringify(conditional),
        'node_modules/conditional/m.mjs': '',
        'node_modules/conditional/c.cjs': '',
        'node_modules/conditional/s.js': '',
        'node_modules/conditional/hidden.js': '',
        'node_modules/@scope/plain/package.json': '{"main":"lib/x"}',
        'node_modules/@scope/plain/lib/x.js': '',
      })
      const { to } = setup({ packages: ['conditional', '@scope/plain'] })
      assert.equal(to('conditional'), url('node_modules/conditional/m.mjs'))
      assert.equal(to('conditional', 'main.ts', 'require'), url('node_modules/conditional/c.cjs'))
      assert.equal(to('conditional/sub', 'deep/down/a.ts'), url('node_modules/conditional/s.js'))
      assert.equal(to('@scope/plain'), url('node_modules/@scope/plain/lib/x.js'))
      assert.match(to('conditional/hidden.js'), /^ERR_REGROW_LINK: .*; the package's exports do not have it/)
    })

    it('tells a package that is missing from one that is not allowed', () => {
      write({ 'node_modules/there/index.js': '' })
      assert.match(
        setup().to('missing/sub'),
        /^ERR_REGROW_LINK: cannot find package 'missing\/sub' imported by main.ts; is it installed\?/,
      )
      const { to } = setup({ packages: ['other'] })
      assert.match(to('there'), /^ERR_REGROW_DENIED: main.ts may not import 'there': add 'there'/)
      assert.match(to('missing/sub'), /^ERR_REGROW_DENIED: .*add 'missing'/)
    })

    it('sees a package that was installed a moment ago', () => {
      const { to, failure } = setup()
      failure('late')
      write({ 'node_modules/late/index.js': '' })
      assert.equal(to('late'), url('node_modules/late/index.js'))
    })

    it('reads a package again once the caches are cleared', () => {
      write({ 'node_modules/p/package.json': '{"main":"a.js"}', 'node_modules/p/a.js': '', 'node_modules/p/b.js': '' })
      const { to, resolver } = setup()
      assert.equal(to('p'), url('node_modules/p/a.js'))
      write({ 'node_modules/p/package.json': '{"main":"b.js"}' })
      resolver.clear()
      assert.equal(to('p'), url('node_modules/p/b.js'))
    })

    it('follows #imports and references to the own package to guest modules, whatever packages says', () => {
      write({
        'package.json': JSON.stringify({
          name: 'app',
          exports: { './tool': './dist/tool.js' },
          imports: { '#db': './src/db.js', '#lib/*': './lib/*.js', '#files': 'fs', '#path': 'node:path', '#x': 'x' },
        }),
        'src/db.ts': '',
        'lib/one.js': '',
        'dist/tool.js': '',
        'node_modules/x/index.js': '',
      })
      const { to } = setup({ packages: ['fs'] })
      assert.equal(to('#db', 'src/main.ts'), 'src/db.ts')
      assert.equal(to('#lib/one'), 'lib/one.js')
      assert.equal(to('app/tool'), 'dist/tool.js')
      assert.equal(to('#files'), 'node:fs')
      assert.match(to('#path'), /^ERR_REGROW_DENIED.*add 'node:path'/)
      assert.match(to('#x'), /^ERR_REGROW_DENIED/)
      assert.equal(setup().to('#x'), url('node_modules/x/index.js'))
      assert.match(setup().to('#nothing'), /^ERR_REGROW_LINK: cannot find '#nothing' imported by main.ts/)
    })

    it('takes a linked workspace package inside the root for guest modules, one outside for a package', () => {
      write({ 'packages/inner/index.ts': '', '../outer/index.js': '', 'node_modules/x.txt': '' })
      symlinkSync(join(root, 'packages/inner'), join(root, 'node_modules/inner'))
      symlinkSync(join(top, 'outer'), join(root, 'node_modules/outer'))
      const { to } = setup({ packages: ['outer'] })
      assert.equal(to('inner'), 'packages/inner/index.ts')
      assert.equal(to('outer'), url('../outer/index.js'))
      assert.equal(to('./node_modules/outer/index.js'), url('../outer/index.js'))
      assert.match(setup({ packages: ['inner'] }).to('outer'), /^ERR_REGROW_DENIED: .*add 'outer'/)
    })

    it('serves modules in memory with packages from the root on disk', () => {
      write({ 'node_modules/p/index.js': '' })
      assert.equal(setup({ given: { 'deep/main.js': '' } }).to('p', 'deep/main.js'), url('node_modules/p/index.js'))
    })

    it('finds a package below a directory with # and % in its name', () => {
      write({ 'c#%20/node_modules/p/index.js': '' })
      assert.equal(setup({ root: join(root, 'c#%20') }).to('p'), url('c#%20/node_modules/p/index.js'))
    })

    it('always finds regrow itself', () => {
      const { to } = setup({ given: {}, root: '/nowhere/at/all' })
      assert.match(to('regrow'), /^file:\/\/.*\/index\.js$/)
      assert.match(to('regrow/guest'), /^file:\/\/.*\/guest\/index\.js$/)
      const off = setup({ packages: false })
      assert.match(off.to('regrow/guest'), /^file:/)
      assert.match(off.to('regrow'), /^ERR_REGROW_DENIED/)
    })
  })

  describe('tsconfig.json', () => {
    it('gives paths and baseUrl before packages', () => {
      write({
        'tsconfig.json':
          '{ "compilerOptions": { "paths": { "@/*": ["./src/*"], "express": ["./fake.ts"], }, }, } // end',
        'web/tsconfig.json': '{ "compilerOptions": { "baseUrl": "./src" } }',
        'src/a.ts': '',
        'fake.ts': '',
        'web/src/b.ts': '',
        'node_modules/express/index.js': '',
      })
      const { to, failure } = setup()
      assert.equal(to('@/a.js', 'src/deep/x.ts'), 'src/a.ts')
      assert.equal(to('express'), 'fake.ts')
      assert.equal(to('b', 'web/main.ts'), 'web/src/b.ts')
      assert.equal(to('express', 'web/main.ts'), url('node_modules/express/index.js'))
      assert.ok(failure('@/missing').wanted.includes('src/missing.ts'))
    })

    it('passes on what changes the transform of one file, through extends, and nothing else', () => {
      write({
        'base.json': '{ "compilerOptions": { "jsx": "react-jsx", "experimentalDecorators": true } }',
        'tsconfig.json':
          '{ "extends": "./base.json", "compilerOptions": { "target": "es2020", "strict": true, "outDir": "x" } }',
      })
      const kept = { jsx: 'react-jsx', experimentalDecorators: true, target: 'es2020', alwaysStrict: true }
      assert.deepEqual(setup().tsconfig.transformOptions('src/a.ts'), { tsconfigRaw: { compilerOptions: kept } })
      // For these metadata it matters whether null is a type of its own.
      write({
        'tsconfig.json':
          '{ "extends": "./base.json", "compilerOptions": { "target": "es2020", "emitDecoratorMetadata": true, "strict": true } }',
      })
      const more = { emitDecoratorMetadata: true, strict: true, strictNullChecks: true }
      assert.deepEqual(setup().tsconfig.transformOptions('src/a.ts'), {
        tsconfigRaw: { compilerOptions: { ...kept, ...more } },
      })
    })

    it('does not look above the root', () => {
      write({ '../tsconfig.json': '{ "compilerOptions": { "jsx": "preserve" } }' })
      const { tsconfig } = setup()
      assert.deepEqual(tsconfig.transformOptions('a.ts').tsconfigRaw, {})
      assert.deepEqual(tsconfig.files(), [])
    })

    it('is read again after clear', () => {
      const { tsconfig } = setup()
      assert.deepEqual(tsconfig.transformOptions('a.tsx').tsconfigRaw, {})
      write({ 'tsconfig.json': '{ "compilerOptions": { "jsx": "preserve" } }' })
      tsconfig.clear()
      assert.deepEqual(tsconfig.transformOptions('a.tsx').tsconfigRaw, { compilerOptions: { jsx: 'preserve' } })
      assert.deepEqual(tsconfig.files(), ['tsconfig.json'])
    })

    it('is read from memory, comments and all', () => {
      const { to, tsconfig } = setup({
        given: {
          'src/tsconfig.json':
            '// ours\n{ "compilerOptions": { /* x */ "jsx": "preserve", "paths": { "~*": ["./lib*"] } } }',
          'src/lib/a.ts': '',
        },
      })
      assert.equal(to('~/a', 'src/main.ts'), 'src/lib/a.ts')
      assert.deepEqual(tsconfig.transformOptions('src/a.tsx').tsconfigRaw, { compilerOptions: { jsx: 'preserve' } })
    })

    const invalid: [title: string, text: string, message: RegExp, line?: number, column?: number][] = [
      [
        'cut short',
        '{\n  "compilerOptions": {\n',
        /^tsconfig.json is invalid: unexpected token \(line 2, column 23\)/,
        2,
        23,
      ],
      ['a bare word', '{ "compilerOptions": yes }', /this is no JSON value \(line 1, column 22\)/, 1, 22],
      ['an unquoted name', '{\n  jsx: 1 }', /a property needs a name in double quotes .*\(line 2, column 3\)/, 2, 3],
      ['text after the end', '{} {}', /unexpected token \(line 1, column 4\)/, 1, 4],
      ['a list', '[]', /must be an object/],
      ['options that are none', '{ "compilerOptions": [] }', /'compilerOptions' must be an object/],
      ['two stars', '{ "compilerOptions": { "paths": { "*a*": ["./x"] } } }', /at most one '\*'/],
      ['a base that is missing', '{ "extends": "./gone.json" }', /File '.\/gone.json' not found/],
    ]
    for (const [title, text, message, line, column] of invalid) {
      it(`is refused by name when it is ${title}`, () => {
        write({ 'tsconfig.json': text })
        const { error } = setup().failure('anything')
        assert.equal(error.code, 'ERR_REGROW_BUILD')
        assert.match(error.message, message)
        assert.deepEqual([error.file, error.line, error.column], ['tsconfig.json', line, column])
        assert.throws(() => setup().tsconfig.transformOptions('a.ts'), { code: 'ERR_REGROW_BUILD' })
      })
    }
  })

  it('a tsconfig that another one extends is not for ever changed where nobody asks for its own', () => {
    write({ 'a/tsconfig.json': `{ "extends": "../b/tsconfig.json" }`, 'b/tsconfig.json': '{}' })
    const { tsconfig } = setup()
    for (const id of ['b/b.ts', 'a/a.ts']) tsconfig.transformOptions(id)
    write({ 'b/tsconfig.json': `{ "compilerOptions": { "target": "es2020" } }` })
    assert.deepEqual(tsconfig.changed(), ['b/tsconfig.json'])
    tsconfig.clear()
    assert.deepEqual(tsconfig.transformOptions('a/a.ts').tsconfigRaw, { compilerOptions: { target: 'es2020' } })
    assert.deepEqual(tsconfig.changed(), [])
  })
})
