// The only place that compiles text. V8 keeps every distinct source that vm.Script or eval compile; this way it does not:
// compileFunction is flat on Node 20, and with the compilation cache off around it also on 22 and later.
import v8 from 'node:v8'
import vm from 'node:vm'

/** Runs `compile` with V8's compilation cache off. */
export function withoutCompilationCache<T>(compile: () => T): T {
  v8.setFlagsFromString('--no-compilation-cache')
  try {
    return compile()
  } finally {
    v8.setFlagsFromString('--compilation-cache')
  }
}

/**
 * Compiles the body of a function.
 * @param filename what stack traces show
 * @param context where it runs; the host's own context when undefined
 * @param around its properties are found by name before the globals; slow
 */
export function compile(
  body: string,
  parameters: readonly string[],
  filename: string,
  context?: vm.Context,
  around?: object,
): (...args: any[]) => any {
  const options = {
    filename,
    ...(context ? { parsingContext: context } : {}),
    ...(around ? { contextExtensions: [around] } : {}),
  }
  return withoutCompilationCache(() => vm.compileFunction(body, [...parameters], options)) as (...args: any[]) => any
}

export interface FirstCode {
  readonly run: (...args: any[]) => any
  /** Whether V8 could take it from the data. */
  readonly isFromData: boolean
}

/**
 * Compiles the body of a function of a first load, of which there are many, each once.
 * @param data what V8 made of the same text before
 */
export function compileFirst(
  body: string,
  parameters: readonly string[],
  filename: string,
  context?: vm.Context,
  data?: Buffer,
): FirstCode {
  const run = vm.compileFunction(body, [...parameters], {
    filename,
    ...(context ? { parsingContext: context } : {}),
    ...(data ? { cachedData: data } : {}),
  }) as ((...args: any[]) => any) & { cachedDataRejected?: boolean }
  return { run, isFromData: run.cachedDataRejected === false }
}

/** What `compileFirst` takes as data. */
export const codeData = (body: string, parameters: readonly string[], filename: string): Buffer =>
  (
    vm.compileFunction(body, [...parameters], { filename, produceCachedData: true }) as unknown as {
      cachedData: Buffer
    }
  ).cachedData
