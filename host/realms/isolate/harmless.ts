// Guest text that people will see on a terminal: without what would move the cursor, colour, or turn the direction of writing.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Shows such characters as `\u{…}`; line ends and tabs stay. */
export function harmless(text: string): string {
  return text.replace(harmful, each => `\\u{${each.charCodeAt(0).toString(16)}}`)
}
