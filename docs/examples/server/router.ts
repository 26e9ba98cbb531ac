// A route table: the handlers it holds were captured once, and still run their newest version.
import type { IncomingMessage, ServerResponse } from 'node:http'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export class Router {
  readonly #routes = new Map<string, Handler>()

  get(path: string, handler: Handler): void {
    this.#routes.set(`GET ${path}`, handler)
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '/').split('?')
    const handler = this.#routes.get(`${request.method} ${path}`)
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    if (handler) handler(request, response)
    else {
      response.statusCode = 404
      response.end(this.notFound(path ?? '/'))
    }
  }

  notFound(path: string): string {
    return `Nothing at ${path}. There is: ${[...this.#routes.keys()].join(', ')}\n`
  }
}
