import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from '../../host/decode.js'
import { RegrowError } from '../../host/errors.js'
import { createSources } from '../../host/sources.js'

describe('sources', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'regrow-sources-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  describe('of the file system', () => {
    it('reads the bytes of a file as they are now', () => {
      const sources = createSources(root)
      writeFileSync(join(root, 'main.ts'), 'one')
      assert.equal(Buffer.from(sources.read('main.ts')!).toString(), 'one')
      writeFileSync(join(root, 'main.ts'), 'two')
      assert.equal(Buffer.from(sources.read('main.ts')!).toString(), 'two')
      assert.equal(sources.watchable, true)
    })

    it('counts directories, missing files and files below a file as missing', () => {
      mkdirSync(join(root, 'directory'))
      writeFileSync(join(root, 'file'), '')
      const sources = createSources(root)
      for (const id of ['directory', 'missing', 'file/below']) {
        assert.equal(sources.read(id), undefined, id)
        assert.equal(sources.has(id), false, id)
      }
      assert.equal(sources.has('file'), true)
    })

    it('does not wait for a pipe', function () {
      if (process.platform === 'win32') this.skip()
      execFileSync('mkfifo', [join(root, 'pipe')])
      const sources = createSources(root)
      assert.equal(sources.has('pipe'), false)
      assert.equal(sources.read('pipe'), undefined)
    })

    it('takes a socket for no file', async function () {
      if (process.platform === 'win32') this.skip()
      const server = createServer().listen(join(root, 'socket'))
      await once(server, 'listening')
      try {
        const sources = createSources(root)
        assert.equal(sources.has('socket'), false)
        assert.equal(sources.read('socket'), undefined)
      } finally {
        server.close()
      }
    })

    it('says that a file is there but cannot be read', function () {
      if (process.platform === 'win32') this.skip()
      symlinkSync('loop', join(root, 'loop'))
      assert.throws(() => createSources(root).read('loop'), {
        code: 'ERR_REGROW_BUILD',
        file: 'loop',
        message: /^cannot read loop: ELOOP/,
      })
    })

    it('names the files beside a module, pushed ones too', () => {
      mkdirSync(join(root, 'lib/deep'), { recursive: true })
      writeFileSync(join(root, 'lib/a.ts'), '')
      writeFileSync(join(root, 'lib/b.ts'), '')
      const sources = createSources(root)
      sources.push({ 'lib/c.ts': '', 'lib/a.ts': null, 'lib/deep/d.ts': '' })
      assert.deepEqual(sources.names('lib').sort(), ['b.ts', 'c.ts'])
    })
  })

  describe('pushed over the store', () => {
    it('wins over the file until it is forgotten, whatever happens to the file', () => {
      writeFileSync(join(root, 'main.ts'), 'disk')
      const sources = createSources(root)
      assert.equal(sources.onDisk('main.ts'), true)
      sources.push({ 'main.ts': 'pushed' })
      writeFileSync(join(root, 'main.ts'), 'saved')
      assert.equal(sources.read('main.ts'), 'pushed')
      assert.equal(sources.onDisk('main.ts'), false)
      sources.forget('main.ts')
      assert.equal(Buffer.from(sources.read('main.ts')!).toString(), 'saved')
    })

    it('hides a module with null, and takes an empty text for text', () => {
      const sources = createSources(root, { 'a.js': 'a', 'b.js': 'b' })
      sources.push({ 'a.js': null, 'b.js': '' })
      assert.equal(sources.read('a.js'), undefined)
      assert.equal(sources.has('a.js'), false)
      assert.equal(sources.read('b.js'), '')
      assert.equal(sources.has('b.js'), true)
      assert.deepEqual([...sources.list!()], ['b.js'])
    })

    it('is refused whole when one name lies outside the root', () => {
      const sources = createSources(root, {})
      assert.throws(() => sources.push({ 'fine.js': '1', '../out.js': '2' }), { code: 'ERR_REGROW_DENIED' })
      assert.equal(sources.has('fine.js'), false)
    })
  })

  describe('in memory', () => {
    it('serves a map by id, however its keys are written', () => {
      const sources = createSources(root, { './main.ts': 'm', 'lib//a.ts': 'a', [join(root, 'b.ts')]: 'b' })
      assert.deepEqual(['main.ts', 'lib/a.ts', 'b.ts'].map(sources.read), ['m', 'a', 'b'])
      assert.equal(sources.watchable, false)
      assert.equal(sources.path('lib/a.ts'), join(root, 'lib/a.ts'))
      assert.equal(sources.has('constructor'), false)
    })

    it('takes a map that has a module named read for a map', () => {
      assert.equal(createSources(root, { read: 'text' }).read('read'), 'text')
    })

    it('passes on to a store of the embedder, with its this', () => {
      const given = {
        modules: new Map([['main.js', 'x']]),
        stopped: false,
        read(id: string) {
          return this.modules.get(id)
        },
        watch(onChange: (ids: string[]) => void) {
          onChange(['main.js'])
          return () => {
            this.stopped = true
          }
        },
      }
      const sources = createSources(root, given)
      const seen: string[] = []
      const stop = sources.watch!(ids => seen.push(...ids))
      stop()
      assert.deepEqual([sources.read('main.js'), sources.has('main.js'), sources.has('other.js')], ['x', true, false])
      assert.deepEqual([seen, given.stopped, sources.watchable, sources.list], [['main.js'], true, true, undefined])
    })
  })

  it('gives the id of a path, and refuses one outside the root', () => {
    const sources = createSources(root)
    assert.equal(sources.id('./lib/../main.ts'), 'main.ts')
    assert.equal(sources.id(join(root, 'lib/a.ts')), 'lib/a.ts')
    assert.equal(sources.id('..hidden.ts'), '..hidden.ts')
    for (const path of ['..', '../x.ts', '.', `${root}-beside/x.ts`])
      assert.throws(() => sources.id(path), { code: 'ERR_REGROW_DENIED' }, path)
  })
})

describe('decode', () => {
  it('leaves the byte order mark out', () => {
    assert.equal(decode(Buffer.from('\ufefflet a'), 'a.js'), 'let a')
    assert.equal(decode('\ufefflet a', 'a.js'), 'let a')
    assert.equal(decode(Buffer.from('ünï 🌱'), 'a.js'), 'ünï 🌱')
  })

  const refused: [title: string, bytes: Buffer, line: number, message: RegExp][] = [
    ['a NUL byte', Buffer.from('let a\nlet b\n\0'), 3, /NUL byte in line 3/],
    ['a byte of another encoding', Buffer.from('let a\n// caf\xe9\nlet b', 'latin1'), 2, /not valid UTF-8: line 2/],
    ['a sequence cut short', Buffer.from('🌱').subarray(0, 3), 1, /not valid UTF-8: line 1/],
    ['UTF-16', Buffer.from('\ufefflet a', 'utf16le'), 1, /UTF-16; save it as UTF-8/],
  ]
  for (const [title, bytes, line, message] of refused) {
    it(`refuses ${title} and tells the line`, () => {
      assert.throws(
        () => decode(bytes, 'a.js'),
        (error: unknown) =>
          RegrowError.is(error) &&
          error.code === 'ERR_REGROW_BUILD' &&
          error.file === 'a.js' &&
          error.line === line &&
          message.test(error.message),
      )
    })
  }
})
