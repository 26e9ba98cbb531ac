// The entry for what has `import.meta.hot`: it accepts its only import, so that it runs on itself.
import { answer } from './link.js'
import { at } from './src/root.js'

let now = at
answer(() => now)

if (import.meta.hot) {
  import.meta.hot.accept('./src/root.js', root => {
    // A module that could not be loaded comes as undefined.
    if (root) now = root.at
  })
}
