// Bytes as text and back, for realms that have no `atob`.
import { charCodeAt, NativeUint8Array } from './intrinsics.js'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digits = new NativeUint8Array(128)
for (let index = 0; index < 64; index++) digits[charCodeAt(alphabet, index)] = index

export function toBase64(bytes: Uint8Array, length: number): string {
  let text = ''
  for (let at = 0; at < length; at += 3) {
    const first = bytes[at]!
    const second = at + 1 < length ? bytes[at + 1]! : 0
    const third = at + 2 < length ? bytes[at + 2]! : 0
    text += alphabet[first >> 2]! + alphabet[((first & 3) << 4) | (second >> 4)]!
    text += at + 1 < length ? alphabet[((second & 15) << 2) | (third >> 6)]! : '='
    text += at + 2 < length ? alphabet[third & 63]! : '='
  }
  return text
}

export function fromBase64(text: string): Uint8Array {
  let { length } = text
  while (length > 0 && charCodeAt(text, length - 1) === 61) length--
  const size = (length * 3) >> 2
  const bytes = new NativeUint8Array(size)
  let at = 0
  for (let index = 0; index < length; index += 4) {
    const digit = (offset: number) => (index + offset < length ? digits[charCodeAt(text, index + offset)]! : 0)
    const bits = (digit(0) << 18) | (digit(1) << 12) | (digit(2) << 6) | digit(3)
    if (at < size) bytes[at++] = bits >> 16
    if (at < size) bytes[at++] = (bits >> 8) & 255
    if (at < size) bytes[at++] = bits & 255
  }
  return bytes
}
