// The package's face.
export type {
  CloseOptions,
  Host,
  HostOptions,
  ModuleInfo,
  ModuleReport,
  Program,
  ProgramEvents,
  ProgramStats,
  RealmKind,
  ReloadReport,
  RunOptions,
  SourceStore,
} from './api.js'
export { RegrowError, type RegrowErrorCode } from './errors.js'
export { createHost } from './host.js'
