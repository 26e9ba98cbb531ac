// The entry for hot-hook: it imports its boundary, named in package.json, whenever it needs it.
import { answer } from './link.js'

answer(async () => (await import('./src/root.js')).at)
