// Vite's module runner, as its guide to the environment API has it: a server in middleware mode whose `ssr` environment runs the entry.
import { createServer } from 'vite'

const server = await createServer({
  root: process.cwd(),
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true },
  optimizeDeps: { noDiscovery: true },
})
await server.environments.ssr.runner.import(process.argv[2])
