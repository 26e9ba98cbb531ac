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
import { bundlePackage } from './bundle-package.js'
import { partsOf } from './graph-limits.js'
import { PackageError, type PackageJob } from './package-job.js'

/** So much longer than its source a text may become: esbuild indents, and nesting makes that quadratic. */
const longestOutput = (source: string) => source.length * 4 + 100_000
/** Lines, each of which costs the host something where it shows one. */
const mostLines = 50_000
/** Imports, each of which is looked for. */
const mostRequests = 500

async function build({ kind, source, id, once, isLoose }: BuildJob): Promise<Built> {
  if (source.split('\n', mostLines + 1).length > mostLines)
    throw new BuildError(`the source has more than ${mostLines} lines`, 1, 1)
  const tsconfigRaw = { compilerOptions: {} }
  if (kind === 'text') return buildText(source)
  if (kind === 'commonJS') return buildCommonJS(source, id, tsconfigRaw)
  if (isJavaScript(id)) return buildJavaScript(source, id, { once })
  return buildTypeScript(source, id, tsconfigRaw, { once, isLoose })
}

function check(built: Built, { source, parts }: BuildJob): Built {
  const code = 'record' in built ? built.record.code : built.commonJS.code
  const isLong = code.length > longestOutput(source) || (built.map?.length ?? 0) > longestOutput(source) * 2
  if (isLong) throw new BuildError('the source becomes too large when it is built', 1, 1)
  if ('record' in built && built.record.requests.length > mostRequests)
    throw new BuildError(`the source imports more than ${mostRequests} modules`, 1, 1)
  // More take too long to link, and to compare with those of the next version.
  if ('record' in built && partsOf(built.record) > parts)
    throw new BuildError(`the source has more than ${parts} statements, functions and class members`, 1, 1)
  return built
}

process.on('message', (job: BuildJob | PackageJob) => {
  const made = job.kind === 'package' ? bundlePackage(job) : build(job).then(built => check(built, job))
  made
    .then(built => process.send!({ built }))
    .catch(error => {
      const { message, line, column } = error as BuildError
      const place = { line: line ?? 1, column: column ?? 1 }
      const code = error instanceof PackageError ? error.code : undefined
      process.send!({ failed: { message: String(message).slice(0, 1000), ...place, code } })
    })
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send!('ready')
