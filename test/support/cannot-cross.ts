// What the wall of an isolate keeps from holding there: full titles of cases, each with its reason. They are skipped, by name.

const builtins = 'it imports a builtin of Node, and an isolate has none'
const exports = 'it reads program.exports, which is the live object itself: nothing but copies cross'

export const cannotCross: Readonly<Record<string, string>> = {
  'R1 functions in realm isolate a function keeps its identity, so sets, weak maps and removeListener still find it':
    builtins,
  'R7 links in realm isolate the exports of the program are live and keep their identity': exports,
  'as natively in realm isolate modules: import.meta and its functions': builtins,
  'CommonJS in realm isolate requires builtins, JSON, ES modules, and itself in a cycle': builtins,
  'CommonJS in realm isolate in TypeScript has import = require and export =': builtins,
  'stack traces in realm isolate an array, a Map and an emitter, filled before, also 50 lines further down': builtins,
  'stack traces in realm isolate direct eval, also 50 lines further down':
    'V8 does not say where in a text that was evaluated a direct eval was called',
}
