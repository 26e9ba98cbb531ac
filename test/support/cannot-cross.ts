// What the wall of an isolate keeps from holding there: full titles of cases, each with its reason. They are skipped, by name.

const builtins = 'it imports a builtin of Node, and an isolate has none'
const exports = 'it reads program.exports, which is the live object itself: nothing but copies cross'

const heap = 'nothing finds live instances in an isolate: V8 does so only in a process of its own'

export const cannotCross: Readonly<Record<string, string>> = {
  'R1 functions in realm isolate a function keeps its identity, so sets, weak maps and removeListener still find it':
    builtins,
  'R7 links in realm isolate the exports of the program are live and keep their identity': exports,
  'R12 a module that accepts itself in realm isolate disposes of what its items own, after the new values are in place':
    'its timer ticks while messages cross',
  'R13 onDispose() in realm isolate is called when its item runs again, is removed, or the program is closed': exports,
  'R13 migrate() in realm isolate is called once with each live instance of a class that changed, also when it is new itself':
    heap,
  'R13 migrate() in realm isolate is not called while the class stays as it is': heap,
  'R13 migrate() in realm isolate does not meet the instances that the reload makes': heap,
  'R13 migrate() in realm isolate that throws takes the reload back': heap,
  'R13 migrate() in realm isolate works in a reload that awaits': heap,
  'as natively in realm isolate modules: import.meta and its functions': builtins,
  'CommonJS in realm isolate requires builtins, JSON, ES modules, and itself in a cycle': builtins,
  'CommonJS in realm isolate in TypeScript has import = require and export =': builtins,
  'stack traces in realm isolate what Node itself throws, also 50 lines further down': builtins,
  'stack traces in realm isolate an array, a Map and an emitter, filled before, also 50 lines further down': builtins,
  'stack traces in realm isolate direct eval, also 50 lines further down':
    'V8 does not say where in a text that was evaluated a direct eval was called',
}
