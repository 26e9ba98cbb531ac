// The parts of the benchmark that decide what its figures mean.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawChart } from './chart.js'
import { createGraph, type Shape } from './graph.js'
import { Project } from './project.js'
import { saves } from './save.js'
import { Session } from './session.js'
import { median, percentile } from './statistics.js'
import { findTools } from './tools.js'

describe('the benchmark of peers', () => {
  for (const shape of ['tree', 'layered'] satisfies Shape[]) {
    it(`reaches every module of a ${shape} graph by its path`, () => {
      const graph = createGraph(shape, 500)
      for (const index of graph.imports.keys()) {
        const reached = graph.path(index).reduce((at, step) => graph.imports[at]![step]!, 0)
        assert.equal(reached, index)
      }
      for (const leaf of graph.leaves) assert.deepEqual(graph.imports[leaf], [])
    })
  }

  it('takes the nearest rank for a percentile', () => {
    assert.equal(median([3, 1, 2]), 2)
    assert.equal(percentile([5, 1, 4, 2, 3], 0.95), 5)
    assert.equal(median([]), undefined)
  })

  it('draws a line through the places of its points on log axes', () => {
    const axis = { label: 'modules', scale: 'log' } as const
    const points = [
      [10, 1],
      [100, 10],
      [1000, 100],
    ] as const
    const svg = drawChart({
      title: 'a < b',
      x: axis,
      y: axis,
      series: [{ name: 'x', color: 'red', bold: true, points }],
    })
    const places = /polyline points="([^"]+)"/
      .exec(svg)![1]!
      .split(' ')
      .map(place => place.split(',').map(Number))
    const [[x0, y0], [x1, y1], [x2, y2]] = places as [[number, number], [number, number], [number, number]]
    assert.ok(Math.abs(x1 - (x0 + x2) / 2) < 0.2 && Math.abs(y1 - (y0 + y2) / 2) < 0.2, String(places))
    assert.ok(y2 < y0, 'larger is higher')
    assert.match(svg, />a &lt; b</)
  })

  describe('with a project on the disk', () => {
    const directory = mkdtempSync(join(tmpdir(), 'regrow-peers-'))
    const project = new Project(join(directory, 'project'), { shape: 'tree', language: 'js', size: 10 })
    after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))

    it('saves in every way what it is given', async () => {
      for (const [name, save] of Object.entries(saves)) {
        const { file, text } = project.editLeaf(0)
        await save(file, text)
        assert.equal(readFileSync(file, 'utf8'), text, name)
        assert.ok(!existsSync(`${file}.tmp`) && !existsSync(`${file}~`), name)
      }
    })

    it('sees a save go live under regrow, and the state of the module stay', async () => {
      const [tool] = findTools(['regrow main'])
      const command = tool!.command('js')
      assert.ok(typeof command === 'object')
      await using session = await Session.start(project, command, 15_000)
      const edit = project.editLeaf(0)
      const before = await session.call(edit)
      writeFileSync(edit.file, edit.text)
      assert.ok((await session.live([edit], performance.now(), 5000)) !== undefined)
      const answer = await session.call(edit)
      assert.equal(answer?.[0], edit.version)
      assert.ok(answer[1]! > before![1]!, 'it counts on')
    })

    it('says so when a save does not go live', async () => {
      const [tool] = findTools(['node'])
      const command = tool!.command('js')
      assert.ok(typeof command === 'object')
      await using session = await Session.start(project, command, 15_000)
      const edit = project.editLeaf(0)
      writeFileSync(edit.file, edit.text)
      assert.equal(await session.live([edit], performance.now(), 300), undefined)
    })
  })
})
