// Kinds of edits of a generated module, each of which asks something else of the graph around it.

export interface Kind {
  readonly name: string
  /** @param number another one for each edit @param name of the module, for edits that write another beside it */
  edit(text: string, number: number, name: string): Edited
}

export interface Edited {
  readonly text: string
  /** A module that the text imports, by its name in the same directory. */
  readonly beside?: { readonly name: string; readonly text: string }
  readonly outcome?: 'rejected'
}

const replaced = (text: string, from: RegExp, to: string): Edited => {
  const after = text.replace(from, to)
  if (after === text) throw new Error(`nothing in the module is ${from}`)
  return { text: after }
}

export const kinds: readonly Kind[] = [
  { name: 'body of a function', edit: (text, number) => replaced(text, /return \[\d+, /, `return [${number}, `) },
  { name: 'data', edit: (text, number) => replaced(text, /limit: \d+/, `limit: ${number}`) },
  {
    name: 'data that is computed',
    edit: (text, number) => replaced(text, /new Map\(.*\)/, `new Map([['k', { key: 'k', amount: ${number} }]])`),
  },
  { name: 'body of a method', edit: (text, number) => replaced(text, /total \+= .*/, `total += amount * ${number}`) },
  { name: 'field of a class', edit: (text, number) => replaced(text, /total = \d+/, `total = ${number}`) },
  { name: 'new export', edit: (text, number) => ({ text: `${text}export const also${number} = () => ${number}\n` }) },
  {
    name: 'import of a new module',
    edit: (text, number, name) => ({
      text: `import { more as more${number} } from './${name}-${number}.js'\n${text}export const again${number} = more${number}\n`,
      beside: { name: `${name}-${number}.js`, text: `export const more = ${number}\n` },
    }),
  },
  { name: 'a text that is broken', edit: text => ({ text: `${text}(`, outcome: 'rejected' }) },
]
