// Answers what the kernel in an isolate asks of the host: where modules are, and what they are written as.
import type { KernelHost } from '../../../guest/protocol.js'
import { type Builder, BuildFailure } from '../../builder.js'
import { RegrowError } from '../../errors.js'
import { openNamespace } from '../../exports.js'
import { EvaluationFailure, refusalOf, requireRefusalOf } from '../../failure.js'
import type { Resolver } from '../../resolve.js'
import { resolveRunning } from '../../resolve-running.js'
import { noteImporter, type Services } from '../../services.js'
import type { StackMapper } from '../../stack.js'
import type { ImportFound, Questions } from './isolate.js'
import type { GuestPackages } from './packages.js'
import { shortStack } from './short-stack.js'
import { withoutPaths } from './virtual.js'

export interface QuestionsOptions {
  readonly root: string
  readonly stack: StackMapper
  readonly resolver: Resolver
  readonly builder: Builder
  /** With the guest's own paths. */
  readonly kernelHost: KernelHost
  readonly packages: GuestPackages
  readonly granted: Readonly<Record<string, Record<string, unknown>>>
  readonly services: () => Services
  readonly refuseWhenClosed: () => void
  readonly load: (id: string) => Promise<void>
}

export function createQuestions(options: QuestionsOptions): Questions {
  const { root, stack, resolver, builder, kernelHost, packages, granted, services, refuseWhenClosed, load } = options

  const isThere = (id: string) => services().graph.modules.has(id)

  function refusal(failure: unknown, refuse = refusalOf): ImportFound {
    const refused = refuse(failure instanceof RegrowError ? new BuildFailure(failure, []) : failure)
    if ('thrown' in refused) return refused
    return { refusal: { ...refused, message: withoutPaths(refused.message, root) } }
  }

  function found(id: string, isUnderWay: boolean): ImportFound {
    openNamespace(services(), id)
    return { module: id, gives: 'namespace', isUnderWay }
  }

  function required(importer: string, specifier: string): ImportFound {
    const where = resolver.resolve(specifier, importer, 'require')
    if (where.kind === 'failed') return refusal(where.error, requireRefusalOf)
    if (where.kind === 'granted') return { external: `granted:${where.name}`, gives: 'namespace' }
    if (where.kind === 'external') return { external: where.url, gives: 'required' }
    const module = services().graph.modules.get(where.id)
    if (!module) {
      const message = `${importer} requires '${specifier}' by a name that is computed, and ${where.id} is not loaded`
      return refusal(new RegrowError('ERR_REGROW_LINK', message, { file: importer }), requireRefusalOf)
    }
    openNamespace(services(), where.id)
    const gives = module.commonJS || where.id.endsWith('.json') ? 'default' : 'namespace'
    return { module: where.id, gives, isUnderWay: false }
  }

  return {
    sync(name, given, functions) {
      const [first, second] = given.map(String) as [string, string]
      try {
        switch (name) {
          case 'resolve':
            return functions.value(kernelHost.resolve(first, second))
          case 'require':
            return functions.value(JSON.stringify(required(first, second)))
          case 'resolveRequired':
            return functions.value(kernelHost.resolveRequired(first, second))
          case 'stack':
            return functions.value(stack.stack(shortStack(first)))
          case 'textOf':
            return functions.value(kernelHost.textOf(first, second))
          case 'commonJS':
            return functions.value(services().commonJS.get(first))
          case 'importedMeanwhile':
            return functions.value(JSON.stringify(kernelHost.importedMeanwhile(first.split('\0'))))
          case 'moduleId':
            return functions.value(kernelHost.moduleId(first, second))
          case 'invalidate':
            return functions.value(kernelHost.invalidate(first, second))
          case 'send':
            return functions.value(kernelHost.send(first, second, given[2]))
          case 'package':
            return functions.text(packages.code(first) ?? '')
          case 'external': {
            const module = first.startsWith('granted:') ? first.slice('granted:'.length) : ''
            return functions.granted(Object.hasOwn(granted, module) ? granted[module]! : {})
          }
        }
      } catch (error) {
        if (RegrowError.is(error)) error.message = withoutPaths(error.message, root)
        throw error
      }
      throw new TypeError('no such question')
    },
    async import(importer, specifier, attributes) {
      try {
        refuseWhenClosed()
        const where = resolveRunning(builder, services().graph, specifier, importer, attributes)
        if (where.kind === 'external') {
          await services().externals.load(where.key, importer)
          return { external: where.key, gives: 'namespace' }
        }
        const { id } = where
        noteImporter(services(), id, importer)
        // What runs already is not waited for: in a reload it may itself wait for the importer.
        if (!isThere(id) && !services().underWay.has(id)) await load(id)
        return found(id, !isThere(id) && services().underWay.has(id))
      } catch (failure) {
        if (failure instanceof EvaluationFailure) return { thrown: failure.thrown }
        return refusal(failure)
      }
    },
  }
}
