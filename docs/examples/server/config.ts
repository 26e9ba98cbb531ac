// Constants, and one that follows from another: change `step`, and `largestStep` is worked out again.
export const title = 'regrow'
export const step = 10
export const largestStep = step * 10
export const reportEverySeconds = 30
