// Starts the server. It never restarts: everything else in this folder can be edited while it runs.
import { createServer } from 'node:http'
import { greetingsPerMinute, startClock } from './clock.ts'
import { counter, router } from './routes.ts'

const port = Number(process.env.PORT ?? 8080)
const server = createServer((request, response) => router.handle(request, response))

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error
  console.error(`Port ${port} is taken by another program. Choose a free one: PORT=${port + 1} npm start`)
  process.exit(1)
})

server.listen(port, () => {
  console.log(`listening on http://localhost:${(server.address() as { port: number }).port}`)
  console.log(
    "Open it, then change the words 'Hello from' in routes.ts, save, and load the page again: it keeps counting.",
  )
})

startClock(() => greetingsPerMinute(counter))
