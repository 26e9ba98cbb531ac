// The watcher, against the save patterns of editors and tools. One file for one contract, however many patterns.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import fs, {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { createWatcher, type Watcher, type WatcherOptions } from '../../host/watch.js'

interface Batch {
  /** Changed files with what they held when the batch came; undefined for a file that was gone. */
  readonly files: Record<string, string | undefined>
  readonly firstSeen: number
  /** `performance.now()` when it came. */
  readonly endedAt: number
}

describe('watch', () => {
  let root: string
  const watchers: Watcher[] = []
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-watch-')))
  })
  afterEach(async () => {
    for (const watcher of watchers.splice(0)) await watcher.close()
    rmSync(root, { recursive: true, force: true })
  })

  const at = (name: string) => join(root, name)
  const content = (path: string) => (fs.existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  function save(name: string, text: string) {
    mkdirSync(dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }

  /** Lets the time pass in which the watcher looks again by itself: a change made later has to be told by an event. */
  const longAfter = () => pause(200)

  async function watch(names: string[], options: Partial<WatcherOptions> & { readAt?: number } = {}) {
    const batches: Batch[] = []
    const arrivals = new EventEmitter()
    const watcher = createWatcher({
      root,
      onBatch(paths, firstSeen) {
        const endedAt = performance.now()
        const files = [...paths].sort().map(path => [relative(root, path), content(path)] as const)
        batches.push({ files: Object.fromEntries(files), firstSeen, endedAt })
        arrivals.emit('batch')
      },
      ...(options.onTouch && { onTouch: options.onTouch }),
      onError: options.onError ?? (error => arrivals.emit('error', error)),
    })
    watchers.push(watcher)
    watcher.add(names.map(at), options.readAt)
    await watcher.ready
    /** Waits until a file was reported with this content. */
    async function until(name: string, text: string | undefined) {
      const signal = AbortSignal.timeout(5000)
      while (!batches.some(({ files }) => name in files && files[name] === text)) {
        await once(arrivals, 'batch', { signal }).catch(error => {
          const seen = JSON.stringify(batches.map(batch => batch.files))
          throw new Error(`no batch with ${name}: ${JSON.stringify(text)}; batches: ${seen}`, { cause: error })
        })
      }
    }
    /** All batches since the last call. A save of another file comes after all that happened before it. */
    async function taken() {
      save('sentinel', String(performance.now()))
      await until('sentinel', content(at('sentinel')))
      return batches
        .splice(0)
        .flatMap(({ files: { sentinel, ...files } }) => (Object.keys(files).length ? [files] : []))
    }
    save('sentinel', '')
    watcher.add([at('sentinel')])
    await watcher.ready
    return { watcher, batches, until, taken }
  }

  const saves: Record<string, (name: string, text: string) => void | Promise<void>> = {
    'a direct write': save,
    'a backup by rename, as in vim'(name, text) {
      renameSync(at(name), at(`${name}~`))
      save(name, text)
      unlinkSync(at(`${name}~`))
    },
    'a temporary file that is renamed'(name, text) {
      save(`${name}.tmp`, text)
      renameSync(at(`${name}.tmp`), at(name))
    },
    "JetBrains' safe write"(name, text) {
      save(`${name}___jb_tmp___`, text)
      renameSync(at(name), at(`${name}___jb_old___`))
      renameSync(at(`${name}___jb_tmp___`), at(name))
      unlinkSync(at(`${name}___jb_old___`))
    },
    'unlink and create'(name, text) {
      unlinkSync(at(name))
      save(name, text)
    },
    async 'unlink, a moment, and create'(name, text) {
      unlinkSync(at(name))
      await pause(30)
      save(name, text)
    },
    async 'truncate, a moment, and write'(name, text) {
      save(name, '')
      await pause(30)
      save(name, text)
    },
  }

  for (const [title, write] of Object.entries(saves)) {
    it(`sees each save by ${title} as one batch`, async () => {
      save('src/a.js', '0')
      const { until, taken } = await watch(['src/a.js'])
      for (const text of ['one', 'two', 'three']) {
        await write('src/a.js', text)
        await until('src/a.js', text)
        assert.deepEqual(await taken(), [{ 'src/a.js': text }])
      }
      save('src/a.js', 'direct')
      await until('src/a.js', 'direct')
    })
  }

  for (const gap of [5, 15, 30, 45]) {
    it(`ends with the whole content of a file written in chunks ${gap} ms apart`, async () => {
      save('a.js', 'old')
      const { until } = await watch(['a.js'])
      let text = ''
      for (const chunk of ['1', '2', '3', '4']) {
        fs.appendFileSync(at('a.js'), chunk, { flag: text === '' ? 'w' : 'a' })
        text += chunk
        await pause(gap)
      }
      await until('a.js', '1234')
    })
  }

  it('looks again, for a change that made no event', async () => {
    save('a.js', 'old')
    const original = fs.watch
    let isDeaf = false
    fs.watch = ((path: string, options: object, listener: (event: string, name: string) => void) =>
      original(path, options, (event, name) => {
        if (!isDeaf) listener(event, name as string)
      })) as typeof fs.watch
    syncBuiltinESMExports()
    try {
      const { until } = await watch(['a.js'])
      save('a.js', 'heard')
      await until('a.js', 'heard')
      await longAfter()
      save('a.js', 'heard again')
      await until('a.js', 'heard again')
      isDeaf = true
      save('a.js', 'unheard')
      await until('a.js', 'unheard')
    } finally {
      fs.watch = original
      syncBuiltinESMExports()
    }
  })

  it('makes one batch of a save-all, with the time of its first change', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `${number % 3 ? 'src' : 'lib'}/${number}.js`)
    for (const name of names) save(name, 'old')
    const { until, batches } = await watch(names)
    const before = performance.now()
    for (const name of names) save(name, 'new')
    await until('lib/0.js', 'new')
    assert.equal(batches.length, 1)
    assert.deepEqual(batches[0]!.files, Object.fromEntries(names.map(name => [name, 'new'])))
    assert.ok(batches[0]!.firstSeen >= before && batches[0]!.firstSeen <= performance.now())
  })

  it('rests between its own work and the end of a batch: who saves may have waited for the processor meanwhile', async () => {
    save('a.js', 'old')
    let workedUntil = 0
    const { until, batches } = await watch(['a.js'], {
      onTouch() {
        const end = performance.now() + 8
        while (performance.now() < end);
        workedUntil = performance.now()
      },
    })
    await longAfter()
    save('a.js', 'new')
    await until('a.js', 'new')
    const rested = batches.at(-1)!.endedAt - workedUntil
    assert.ok(rested >= 0.5, `${rested} ms`)
  })

  it('does not hold a batch for ever while files keep changing', async () => {
    save('a.js', '')
    const { batches } = await watch(['a.js'])
    let number = 0
    const busy = setInterval(() => save('a.js', `${number++}`), 1)
    try {
      const deadline = performance.now() + 3000
      while (batches.length < 3 && performance.now() < deadline) await pause(1)
    } finally {
      clearInterval(busy)
    }
    assert.ok(batches.length >= 3, `${batches.length} batches after ${number} saves`)
  })

  it('reports what is created, changed and deleted in one batch', async () => {
    for (const name of ['changed.js', 'deleted.js']) save(name, 'old')
    const { taken, until } = await watch(['created.js', 'changed.js', 'deleted.js'])
    save('created.js', 'new')
    save('changed.js', 'new')
    unlinkSync(at('deleted.js'))
    await until('deleted.js', undefined)
    const expected = { 'changed.js': 'new', 'created.js': 'new', 'deleted.js': undefined }
    assert.deepEqual(await taken(), [expected])
  })

  it('reports only files that were added, and not those that were removed', async () => {
    for (const name of ['a.js', 'b.js', 'other.js']) save(name, 'old')
    const { watcher, taken } = await watch(['a.js', 'b.js'])
    watcher.remove([at('b.js')])
    for (const name of ['other.js', 'b.js', 'a.js']) save(name, 'new')
    assert.deepEqual(await taken(), [{ 'a.js': 'new' }])
    watcher.add([at('b.js')])
    await watcher.ready
    save('b.js', 'newer')
    assert.deepEqual(await taken(), [{ 'b.js': 'newer' }])
  })

  it('does not watch packages', async () => {
    save('node_modules/p/index.js', 'old')
    const { taken } = await watch(['node_modules/p/index.js'])
    save('node_modules/p/index.js', 'new')
    assert.deepEqual(await taken(), [])
  })

  it('finds a change that was made before the watch stood', async () => {
    save('a.js', 'old')
    const { watcher, until } = await watch([])
    watcher.add([at('a.js')])
    save('a.js', 'new')
    await until('a.js', 'new')
  })

  it('finds a change that was made between the reading of a file and its adding', async () => {
    for (const name of ['a.js', 'b.js']) save(name, 'old')
    const readAt = fs.statSync(at('b.js')).ctimeMs
    while (fs.statSync(at('a.js')).ctimeMs <= readAt) save('a.js', 'new')
    const { taken, until } = await watch(['a.js', 'b.js'], { readAt })
    await until('a.js', 'new')
    assert.deepEqual(await taken(), [{ 'a.js': 'new' }])
  })

  describe('directories', () => {
    it('that do not exist yet are waited for, however deep', async () => {
      const { until } = await watch(['one/two/three/a.js'])
      await longAfter()
      mkdirSync(at('one'))
      mkdirSync(at('one/two/three'), { recursive: true })
      save('one/two/three/a.js', 'first')
      await until('one/two/three/a.js', 'first')
      await longAfter()
      save('one/two/three/a.js', 'second')
      await until('one/two/three/a.js', 'second')
    })

    it('that appear whole, with their files, are seen', async () => {
      const { until } = await watch(['one/two/a.js'])
      await longAfter()
      save('staging/two/a.js', 'first')
      renameSync(at('staging'), at('one'))
      await until('one/two/a.js', 'first')
      await longAfter()
      save('one/two/a.js', 'second')
      await until('one/two/a.js', 'second')
    })

    for (const moved of ['one', 'one/two']) {
      it(`may be renamed and come back (${moved})`, async () => {
        save('one/two/a.js', 'old')
        const { until, taken } = await watch(['one/two/a.js'])
        await longAfter()
        renameSync(at(moved), at('away'))
        await until('one/two/a.js', undefined)
        const away = moved === 'one' ? 'away/two/a.js' : 'away/a.js'
        await taken()
        save(away, 'elsewhere')
        assert.deepEqual(await taken(), [])
        renameSync(at('away'), at(moved))
        await until('one/two/a.js', 'elsewhere')
        await longAfter()
        save('one/two/a.js', 'back')
        await until('one/two/a.js', 'back')
      })
    }

    it('may be replaced by others, again and again', async () => {
      save('one/two/a.js', 'old')
      const { until } = await watch(['one/two/a.js'])
      await longAfter()
      for (let round = 0; round < 3; round++) {
        rmSync(at('one'), { recursive: true })
        save('one/two/a.js', `made ${round}`)
        await until('one/two/a.js', `made ${round}`)
        await longAfter()
        save('one/two/a.js', `saved ${round}`)
        await until('one/two/a.js', `saved ${round}`)
      }
    })

    it('may be replaced by one with the same inode', async function () {
      save('one/a.js', 'old')
      const { until } = await watch(['one/a.js'])
      await longAfter()
      const { ino } = fs.statSync(at('one'))
      let isSame = false
      for (let attempt = 0; attempt < 100 && !isSame; attempt++) {
        rmSync(at('one'), { recursive: true })
        mkdirSync(at('one'))
        isSame = fs.statSync(at('one')).ino === ino
      }
      if (!isSame) this.skip()
      save('one/a.js', 'made')
      await until('one/a.js', 'made')
      await longAfter()
      save('one/a.js', 'saved')
      await until('one/a.js', 'saved')
    })

    it('are replaced for every watcher in the process', async () => {
      save('one/two/a.js', 'old')
      const all = [await watch(['one/two/a.js']), await watch(['one/two/a.js'])]
      await longAfter()
      rmSync(at('one'), { recursive: true })
      save('one/two/a.js', 'made')
      for (const { until } of all) await until('one/two/a.js', 'made')
      await longAfter()
      save('one/two/a.js', 'saved')
      for (const { until } of all) await until('one/two/a.js', 'saved')
    })

    it('change with many files, as a checkout does', async () => {
      const names = Array.from({ length: 300 }, (_, number) => `d${number % 10}/${number}.js`)
      for (const name of names) save(name, 'old')
      const { batches, until } = await watch(names)
      for (let directory = 0; directory < 10; directory += 2) rmSync(at(`d${directory}`), { recursive: true })
      for (const name of names) save(name, 'new')
      for (const name of names) await until(name, 'new')
      assert.ok(batches.length <= 2, `${batches.length} batches`)
    })
  })

  it('works where the system has to be polled', async () => {
    process.env.CHOKIDAR_USEPOLLING = '1'
    process.env.CHOKIDAR_INTERVAL = '10'
    try {
      save('src/a.js', 'old')
      const { until } = await watch(['src/a.js', 'src/later/b.js'])
      save('src/a.js', 'changed')
      await until('src/a.js', 'changed')
      save('src/later/b.js', 'created')
      await until('src/later/b.js', 'created')
      save('src/later/b.js', 'and changed')
      await until('src/later/b.js', 'and changed')
    } finally {
      delete process.env.CHOKIDAR_USEPOLLING
      delete process.env.CHOKIDAR_INTERVAL
    }
  })

  const limits: [code: string, advice: RegExp][] = [
    ['ENOSPC', /^cannot watch .*sysctl fs\.inotify\.max_user_watches=/],
    ['EMFILE', /^cannot watch .*ulimit -n/],
  ]
  for (const [code, advice] of limits) {
    it(`says once what to raise when the system refuses with ${code}`, async () => {
      save('src/a.js', '')
      const original = fs.watch
      fs.watch = (() => {
        throw Object.assign(new Error(`${code}: refused`), { code })
      }) as typeof fs.watch
      syncBuiltinESMExports()
      const errors: (Error & { code?: string })[] = []
      try {
        await watch(['src/a.js'], { onError: error => errors.push(error) })
      } finally {
        fs.watch = original
        syncBuiltinESMExports()
      }
      assert.deepEqual(
        errors.map(error => error.code),
        [code],
      )
      assert.match(errors[0]!.message, advice)
    })
  }

  it('keeps the process alive while it watches, and no longer', async () => {
    save('a.js', 'old')
    const count = () => process.getActiveResourcesInfo().filter(name => name === 'FSEventWrap').length
    const before = count()
    const { watcher } = await watch(['a.js'])
    assert.ok(count() > before)
    await watcher.close()
    const deadline = performance.now() + 5000
    while (count() > before && performance.now() < deadline) await nextTurn()
    assert.equal(count(), before)
  })

  it('reports nothing after it is closed', async () => {
    save('a.js', 'old')
    const { watcher, batches } = await watch(['a.js'])
    const other = await watch(['a.js'])
    save('a.js', 'new')
    await watcher.close()
    await other.until('a.js', 'new')
    watcher.add([at('b.js')])
    await other.taken()
    assert.deepEqual(batches, [])
  })
})
