// Finds the live instances of a class: V8's heap knows them, so nobody has to keep a list.
import inspector from 'node:inspector'

/** What the found objects are handed over by, for the moment of the search. */
const key = Symbol.for('regrow:instances')
const expression = 'globalThis[Symbol.for("regrow:instances")]'

/**
 * @param prototype what the instances inherit from
 * @param global the global object of the realm its class was made in
 * @returns the instances, those of subclasses too; prototypes are none
 */
export function instancesOf(prototype: object, global: object): object[] {
  const realm = global as Record<symbol, unknown>
  const session = new inspector.Session()
  const contexts: number[] = []
  session.connect()
  const post = (method: string, parameters: object = {}): any => {
    let answer: unknown
    let failure: Error | null = null
    // A session with the own thread answers in the same turn.
    session.post(method, parameters, (error, result) => {
      failure = error
      answer = result
    })
    if (failure) throw failure
    return answer
  }
  let found: object[] = []
  try {
    session.on('Runtime.executionContextCreated', ({ params }) => contexts.push(params.context.id))
    post('Runtime.enable')
    realm[key] = prototype
    // V8 looks among the objects of one context.
    for (const contextId of contexts) {
      const { result } = post('Runtime.evaluate', { expression, contextId, objectGroup: 'regrow' })
      if (result.objectId === undefined) continue
      const { objects } = post('Runtime.queryObjects', { prototypeObjectId: result.objectId, objectGroup: 'regrow' })
      realm[key] = (list: object[]) => {
        found = list
      }
      const functionDeclaration = `function () { ${expression}(this) }`
      post('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration })
      break
    }
  } finally {
    delete realm[key]
    session.disconnect()
  }
  return Array.from(found).filter(each => !isPrototype(each))
}

function isPrototype(object: object): boolean {
  const made: unknown = Object.getOwnPropertyDescriptor(object, 'constructor')?.value
  return typeof made === 'function' && made.prototype === object
}
