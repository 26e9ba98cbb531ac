// The entry as anybody writes it: for regrow, and for what starts the program anew.
import { answer } from './link.js'
import { at } from './src/root.js'

answer(() => at)
