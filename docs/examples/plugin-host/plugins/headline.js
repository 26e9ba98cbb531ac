import { fetch } from 'app:http'

let headline = 'nothing yet'

/** Asks where it may, and where it may not. */
export async function tick() {
  try {
    await fetch('https://example.org/')
  } catch (error) {
    headline = error.message
  }
  return headline
}
