// The clocks, as they were when the host was loaded: programs in realm `main` may put others in their place, as tests do.
const { timeOrigin } = performance

export const clock = {
  /** Milliseconds since `timeOrigin`, which only grow. */
  now: performance.now.bind(performance),
  /** Milliseconds since 1970. */
  today: Date.now.bind(Date),
  timeOrigin,
}
