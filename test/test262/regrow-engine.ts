// Runs a test through regrow's compiler and linker, in a `context` realm.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHost, RegrowError } from '../../host/index.js'
import { type Ending, type Engine, thrown } from './engine.js'
import { harnessHost } from './harness.js'

export const runInRegrow: Engine = async (checkout, harness, output): Promise<Ending> => {
  const read = (id: string): string | undefined => {
    const text = harness.modules.get(id)
    if (text !== undefined) return text
    try {
      return readFileSync(join(checkout, id), 'utf8')
    } catch {
      return undefined
    }
  }
  const host = createHost({
    root: checkout,
    sources: { read },
    realm: 'context',
    watch: false,
    packages: false,
    globals: { harnessHost: harnessHost(output) },
  })
  try {
    await host.run(harness.entry)
    await output.settled
    return { phase: 'done' }
  } catch (error) {
    if (!RegrowError.is(error)) throw error
    // regrow has no name for the kind of a failure but its code: a build or link error is a SyntaxError of the language.
    const { message } = error
    if (error.code === 'ERR_REGROW_BUILD') return { phase: 'parse', error: 'SyntaxError', message }
    if (error.code === 'ERR_REGROW_LINK') return { phase: 'resolution', error: 'SyntaxError', message }
    if (error.code === 'ERR_REGROW_EVALUATE') return { phase: 'runtime', ...thrown(error.cause) }
    return { phase: 'runtime', error: error.code, message }
  } finally {
    await host.close()
  }
}
