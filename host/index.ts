// The package's face.
export type {
  CloseOptions,
  ConsoleLine,
  Grants,
  Host,
  HostOptions,
  IsolateLimits,
  IsolateProcess,
  ModuleInfo,
  ModuleReport,
  Program,
  ProgramEvents,
  ProgramExit,
  ProgramStats,
  RealmKind,
  ReloadReport,
  RunOptions,
  SourceStore,
} from './api.js'
export { RegrowError, type RegrowErrorCode } from './errors.js'
export { InspectedValue } from './evaluation.js'
export { createHost } from './host.js'
