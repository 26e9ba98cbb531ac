// The lines around a place in a module, whether its file has them or they were typed.
import { frameAt, type Place } from './errors.js'
import type { BuiltModule } from './module.js'

/** @param module the one that the place is in */
export function frameOf({ id, source, composition }: Pick<BuiltModule, 'id' | 'source' | 'composition'>, place: Place) {
  if (!composition) return frameAt(source, place)
  if (place.file === id) return frameAt(composition.base, place)
  const typed = composition.evaluations.find(each => place.file === `${id}?typed=${each.number}`)
  return typed && frameAt(typed.text, place)
}

/** Id of the module that a place is in. */
export const moduleOf = (file: string): string => file.replace(/\?typed=\d+$/, '')
