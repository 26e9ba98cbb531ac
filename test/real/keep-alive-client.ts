// Asks a server over one connection that stays open, and fails when another one had to be made.
import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { text } from 'node:stream/consumers'

/** Milliseconds that an answer may take. */
const deadline = 8000

export class KeepAliveClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number
  #localPort: number | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** The body of an answer. @throws AssertionError when it came over another connection than the ones before */
  async ask(path: string): Promise<string> {
    const signal = AbortSignal.timeout(deadline)
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port: this.#port, path, agent: this.#agent, signal }, response => {
        const { localPort } = response.socket
        const isFirst = this.#localPort === undefined
        text(response)
          .then(body => {
            assert.ok(localPort !== undefined)
            this.#localPort ??= localPort
            assert.equal(localPort, this.#localPort, 'the connection was replaced')
            assert.equal(request.reusedSocket, !isFirst)
            resolve(body)
          })
          .catch(reject)
      })
      request.on('error', reject)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
