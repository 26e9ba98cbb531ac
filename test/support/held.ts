// Loaded by mocha for a run of the suite, which ends when nothing keeps the process alive: what a test leaves behind that does so is told
// of and fails the run, where it would hang without a word.

/** Milliseconds that may pass after the last test. */
const patience = 60_000

export const mochaHooks = {
  afterAll(): void {
    setTimeout(() => {
      const names = (handles: readonly object[]) => handles.map(each => each.constructor.name).join(', ')
      // Without types: Node has no public way to more than the kinds of what is open.
      const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): object[] }
      console.error(`After the last test the process is held open by: ${process.getActiveResourcesInfo().join(', ')}.`)
      console.error(`Handles: ${names(handles())}. A program, server or child of a test is not closed.`)
      // Mocha sets the code itself when the process ends.
      process.on('exit', () => void (process.exitCode = 1))
      process.exit()
    }, patience).unref()
  },
}
