// Memory: on the heap, beside it, and by floods of what others must keep.
import { attacks, type Guest } from '../guest.js'

const large = ['ERR_REGROW_MEMORY', 'ERR_REGROW_TIMEOUT', 'ERR_REGROW_EXIT', 'thrown'] as const

export const memory: readonly Guest[] = [
  ...attacks(large, {
    'many small objects': 'const a = []; for (;;) a.push({ a: 1 })',
    'an array of a billion': 'return Array(1e9).fill(0).length',
    'a string that doubles': 'let s = "x"; for (;;) s = (s + s).split("").join("")',
    'an array that doubles': 'let a = [1]; for (;;) a = a.concat(a)',
    'a map that grows': 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i)',
    'a set that grows': 'const m = new Set(); for (let i = 0; ; i++) m.add({})',
    buffers: 'const a = []; for (;;) a.push(new ArrayBuffer(1e7))',
    'typed arrays that are written': 'const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1))',
    closures: 'const a = []; for (;;) { const b = new Array(1000); a.push(() => b) }',
    symbols: 'const a = []; for (;;) a.push(Symbol("x".repeat(1000)))',
    'splits of a long string': 'const a = []; const s = "x ".repeat(1e6); for (;;) a.push(s.split(" "))',
    'a sparse array': 'const a = []; for (let i = 0; ; i += 1000) a[i] = [i]',
    promises: 'const a = []; for (;;) a.push(new Promise(() => {}))',
    'functions that are compiled':
      'const a = []; for (let i = 0; ; i++) a.push(Function("return " + i + "+1".repeat(1000)))',
    'regular expressions': 'const a = []; for (let i = 0; ; i++) a.push(new RegExp("a".repeat(1000) + i))',
    'a concatenation that is flattened':
      'let s = ""; for (;;) { s += "x".repeat(1e6); s.charCodeAt(s.length - 1); if (s.length > 4e8) s = s.slice(1) + "y" }',
    microtasks: 'for (;;) queueMicrotask(() => {})',
    padStart:
      'const a = []; for (let i = 0; ; i++) { const s = "x".padStart(5e6, "y" + i); s.indexOf("z"); a.push(s) }',
    'Array.from of a giant length': 'return Array.from({ length: 1e9 }).length',
    'calls of the host with promises kept': 'const a = []; for (;;) a.push(host.never())',
    'imports that never end': 'const a = []; for (let i = 0; ; i++) a.push(import("./main.js?" + i).catch(() => {}))',
  }),
  ...attacks(['value', ...large], {
    timers: 'for (let i = 0; i < 1e5; i++) setTimeout(() => {}, 1e6)',
    'intervals that are due at once': 'for (let i = 0; i < 500; i++) setInterval(() => {}, 1); return 1',
    'a console that is flooded': 'for (let i = 0; i < 5000; i++) console.log("x".repeat(1e4)); return 1',
    'a console that is given everything':
      'console.log(globalThis, new Proxy({}, { get() { throw 1 } }), Symbol(), 1n, () => {}, { get a() { throw 1 } }); return 1',
    'a hundred thousand rejected promises': 'for (let i = 0; i < 1e5; i++) Promise.reject(i); return 1',
  }),
  { title: 'memory while it is loaded', source: 'const a = []; for (;;) a.push([1, 2, 3])', ends: large },
]
