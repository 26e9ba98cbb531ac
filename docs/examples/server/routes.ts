// What the server answers. Handlers are patched in place: edit one, save, load the page again.
import { largestStep, title } from './config.ts'
import { Counter } from './counter.ts'
import { Router } from './router.ts'

export const counter = new Counter()
export const router = new Router()

router.get('/', (_request, response) => {
  counter.add(1)
  response.end(`Hello from ${title}. This page was loaded ${counter.describe()}.\n`)
})

router.get('/jump', (_request, response) => {
  counter.add(largestStep)
  response.end(`Jumped ahead by ${largestStep}, now ${counter.describe()}.\n`)
})

router.get('/state', (_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(`${JSON.stringify({ count: counter.total, startedAt: counter.startedAt, processId: process.pid })}\n`)
})
