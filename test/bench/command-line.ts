// What the benchmarks that compare have in common on the command line: options that may be wrong, and a line that tells what is under way.

/** @returns undefined, having told why, when the command line is wrong */
export function readOrTell<Options>(read: () => Options, usage: string): Options | undefined {
  try {
    return read()
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

/** Shows what is under way, on a terminal; the next line takes its place. */
export function showProgress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${text.slice(0, (process.stdout.columns ?? 80) - 1)}`)
}

/** Prints a line, in the place of what was under way. */
export function print(text: string): void {
  showProgress('')
  console.log(text)
}
