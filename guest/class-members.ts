// The members of a class: trampolines on the stable class and its prototype, implementations in slots.
import { type Callable, matchTrampoline } from './callable.js'
import { type ClassRecord, type ClassServices, type Member, putProperty, putSlot } from './class-record.js'
import {
  apply,
  getOwnPropertyDescriptor,
  hasOwn,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativeTypeError,
  ownKeys,
  slice,
  startsWith,
  tryDefine,
  tryDelete,
} from './primordials.js'
import type { Bag } from './scope.js'
import type { UndoLog } from './undo-log.js'

/** What the names of members begin with that only the kernel reads. */
const internal = '~regrow:'

/** Hands the version's methods and accessors to the trampolines on the stable class or prototype. */
export function syncMembers(
  undo: UndoLog,
  record: ClassRecord,
  holder: 'static' | 'instance',
  from: Bag,
  to: Bag,
  added: Bag | undefined,
  isNew: boolean,
  seen: Map<string, true>,
  kept: readonly string[],
  services: ClassServices,
): void {
  const before = holder === 'static' ? 'static ' : ''
  const keys = ownKeys(from)
  // Members with computed keys come late; the order is that of the class as written.
  const isOutOfOrder = isNew && hasMissing(to, keys)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (key === 'prototype' && holder === 'static') continue
    const descriptor = getOwnPropertyDescriptor(from, key)!
    // The class itself, unless a computed key takes its place.
    if (key === 'constructor' && descriptor.value === record.version) continue
    if (descriptor.get === undefined && descriptor.set === undefined && typeof descriptor.value !== 'function') continue
    const name = slotName(record, key)
    if (typeof key === 'string' && startsWith(key, internal)) {
      // `#m` is a private method's implementation; `new C` and `field:x` make instances; the others are read off the version when needed.
      const rest = slice(key, internal.length)
      if (startsWith(rest, 'new ')) putSlot(undo, record.slots, 'new', descriptor.value)
      if (startsWith(rest, 'field:')) putSlot(undo, record.slots, rest, descriptor.value)
      if (!startsWith(rest, '#')) continue
      if (descriptor.value) putSlot(undo, record.slots, `${before}method:${rest}`, descriptor.value)
      if (descriptor.get) putSlot(undo, record.slots, `${before}get:${rest}`, descriptor.get as Callable)
      if (descriptor.set) putSlot(undo, record.slots, `${before}set:${rest}`, descriptor.set as Callable)
      continue
    }
    const now = getOwnPropertyDescriptor(to, key)
    const isDeleted = !now && hasMember(record, before, name)
    const trampolineFor = (slot: string, implementation: Callable, part: 'value' | 'get' | 'set'): Callable => {
      mapSet(seen, slot, true)
      let trampoline = mapGet(record.members, slot)?.trampoline
      const previous = trampoline && record.slots[slot]
      putSlot(undo, record.slots, slot, implementation)
      if (!trampoline) {
        const written = isNew ? to : added
        const own = written && hasOwn(written, key) ? getOwnPropertyDescriptor(written, key)![part] : undefined
        // A class has a `length` and a `name` that are none of its members, and its prototype the class.
        trampoline =
          typeof own === 'function' && own !== record.stable
            ? (own as Callable)
            : genericTrampoline(record.slots, slot, part)
        undo.set(record.members, slot, { holder, key, trampoline })
        services.register(trampoline, slot)
      }
      // Its text is that of a member which is named by its key's text.
      const written = writtenSlot(record, `${before}${part === 'value' ? 'method' : part}:`, key)
      if (written !== undefined) services.register(trampoline, written)
      matchTrampoline(undo, trampoline, implementation, previous)
      return trampoline
    }
    const wanted: { -readonly [K in keyof PropertyDescriptor]: PropertyDescriptor[K] | undefined } = {
      enumerable: false,
      configurable: true,
    }
    if (descriptor.value) {
      wanted.value = trampolineFor(`${before}method${name}`, descriptor.value, 'value')
      wanted.writable = true
    } else {
      // Both halves are named, so that one which went away does not stay behind.
      wanted.get = descriptor.get ? trampolineFor(`${before}get${name}`, descriptor.get as Callable, 'get') : undefined
      wanted.set = descriptor.set ? trampolineFor(`${before}set${name}`, descriptor.set as Callable, 'set') : undefined
    }
    // What the program put in place of a member stays until the member itself is edited; one that it deleted stays away.
    const isOther = now ? !isTrampoline(record, now.value ?? now.get ?? now.set) : isDeleted
    if (isOther && isKept(record, descriptor, kept, before, name, key)) continue
    if (isOutOfOrder) delete to[key as string]
    if (isOutOfOrder || !now || now.value !== wanted.value || now.get !== wanted.get || now.set !== wanted.set)
      putProperty(record, to, key, wanted as PropertyDescriptor)
  }
}

function hasMissing(target: Bag, keys: readonly (string | symbol)[]): boolean {
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (!hasOwn(target, key) && !(typeof key === 'string' && startsWith(key, internal))) return true
  }
  return false
}

const hasMember = ({ members }: ClassRecord, before: string, name: string): boolean =>
  mapHas(members, `${before}method${name}`) ||
  mapHas(members, `${before}get${name}`) ||
  mapHas(members, `${before}set${name}`)

/** Whether the edit left all of a member as it was. */
function isKept(
  { keys }: ClassRecord,
  member: PropertyDescriptor,
  kept: readonly string[],
  before: string,
  name: string,
  key: PropertyKey,
): boolean {
  const has = (kind: string): boolean => {
    for (let index = 0; index < kept.length; index++) {
      const slot = kept[index]!
      if (slot === `${before}${kind}${name}`) return true
      if (keys && startsWith(slot, `${before}${kind}:`) && mapGet(keys, slot) === key) return true
    }
    return false
  }
  if (member.value) return has('method')
  return (!member.get || has('get')) && (!member.set || has('set'))
}

function slotName(record: ClassRecord, key: string | symbol): string {
  if (typeof key === 'string') return `:${key}`
  const symbols = (record.symbols ??= new NativeMap())
  let name = mapGet(symbols, key)
  if (name === undefined) {
    name = `@:${symbols.size}`
    mapSet(symbols, key, name)
  }
  return name
}

/** How the source names a member whose key is computed, as far as one has that key. */
function writtenSlot({ keys }: ClassRecord, kind: string, key: PropertyKey): string | undefined {
  let found: string | undefined
  if (keys)
    mapForEach(keys, (each, slot) => {
      if (each === key && startsWith(slot, kind)) found = slot
    })
  return found
}

/** For members whose key is known at run time only. */
function genericTrampoline(slots: Bag, slot: string, part: 'value' | 'get' | 'set'): Callable {
  if (part === 'get')
    return getOwnPropertyDescriptor(
      {
        get get() {
          return apply(slots[slot], this, [])
        },
      },
      'get',
    )!.get as Callable
  if (part === 'set')
    return getOwnPropertyDescriptor(
      {
        set set(value: unknown) {
          apply(slots[slot], this, [value])
        },
      },
      'set',
    )!.set as Callable
  return {
    method(...args: unknown[]) {
      return apply(slots[slot], this, args)
    },
  }.method
}

const holderOf = (record: ClassRecord, { holder }: Member): Bag =>
  holder === 'static' ? record.stable : record.stable.prototype

function presentAt(record: ClassRecord, member: Member): unknown {
  const now = getOwnPropertyDescriptor(holderOf(record, member), member.key)
  return now && (now.value ?? now.get ?? now.set)
}

/** Before decorators run. @returns what takes note, after that, of what they put in the place of members */
export function watchDecorated(undo: UndoLog, record: ClassRecord): () => void {
  const before = new NativeMap<string, unknown>()
  mapForEach(record.members, (member, slot) => {
    mapSet(before, slot, presentAt(record, member))
  })
  return () =>
    mapForEach(before, (present, slot) => {
      const member = mapGet(record.members, slot)!
      const decorated = presentAt(record, member)
      if (decorated !== present) undo.set(record.members, slot, { ...member, decorated })
    })
}

/** Takes away members the new version lacks, unless the program put something else there. */
export function removeMembers(undo: UndoLog, record: ClassRecord, seen: Map<string, true>): void {
  mapForEach(record.members, (member, slot) => {
    if (mapHas(seen, slot)) return
    const { key, trampoline, decorated } = member
    const object = holderOf(record, member)
    const now = getOwnPropertyDescriptor(object, key)
    const isOurs = (each: unknown) => each === trampoline || (each !== undefined && each === decorated)
    const isThere = now && (isOurs(now.value) || isOurs(now.get) || isOurs(now.set))
    // What is frozen keeps it; if the member comes back, it is to be this one.
    if (!isThere || takeAway(record.stable, object, key)) undo.forget(record.members, slot)
    putSlot(undo, record.slots, slot, () => {
      throw new NativeTypeError(`${typeof key === 'string' ? key : 'the member'} is not a function`)
    })
  })
}

function takeAway(stable: Bag, object: Bag, key: PropertyKey): boolean {
  if (object !== stable.prototype || key !== 'constructor') return tryDelete(object, key)
  return tryDefine(object, key, { value: stable, writable: true, enumerable: false, configurable: true })
}

export function isTrampoline(record: ClassRecord, value: unknown): boolean {
  let found = false
  mapForEach(record.members, ({ trampoline }) => {
    if (trampoline === value) found = true
  })
  return found
}
