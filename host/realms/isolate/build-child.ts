// The process that builds the texts of guests that are not trusted: parsers and esbuild run here, where they can be ended.
import {
  BuildError,
  buildCommonJS,
  buildJavaScript,
  buildText,
  buildTypeScript,
  isJavaScript,
} from '../../../bundler/build.js'
import type { BuildJob, Built } from './build-process.js'

/** So much longer than its source a text may become: esbuild indents, and nesting makes that quadratic. */
const longestOutput = (source: string) => source.length * 4 + 100_000
/** Lines, each of which costs the host something where it shows one. */
const mostLines = 50_000
/** More items than this take too long to compare with those of the next version. */
const mostItems = 20_000

async function build({ kind, source, id, once }: BuildJob): Promise<Built> {
  if (source.split('\n', mostLines + 1).length > mostLines)
    throw new BuildError(`the source has more than ${mostLines} lines`, 1, 1)
  const tsconfigRaw = { compilerOptions: {} }
  if (kind === 'text') return buildText(source)
  if (kind === 'commonJS') return buildCommonJS(source, id, tsconfigRaw)
  return isJavaScript(id) ? buildJavaScript(source, id, once) : buildTypeScript(source, id, tsconfigRaw, once)
}

function check(built: Built, source: string): Built {
  const code = 'record' in built ? built.record.code : built.commonJS.code
  const isLong = code.length > longestOutput(source) || (built.map?.length ?? 0) > longestOutput(source) * 2
  if (isLong) throw new BuildError('the source becomes too large when it is built', 1, 1)
  if ('record' in built && built.record.items.length > mostItems)
    throw new BuildError(`the source has more than ${mostItems} statements and declarations`, 1, 1)
  return built
}

process.on('message', (job: BuildJob) => {
  build(job)
    .then(built => process.send!({ built: check(built, job.source) }))
    .catch(error => {
      const { message, line, column } = error as BuildError
      process.send!({ failed: { message: String(message).slice(0, 1000), line: line ?? 1, column: column ?? 1 } })
    })
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send!('ready')
