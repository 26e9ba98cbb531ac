// What guests commonly expect that carries no authority, from well-kept libraries. A text of its own, evaluated when a guest first
// names one of these: it works on the guest's own intrinsics, and so does as the guest does.
import { TextDecoder, TextEncoder } from '@kayahr/text-encoding/no-encodings'
import '@kayahr/text-encoding/encodings/utf-16le'
import { AbortController, AbortSignal } from 'abortcontroller-polyfill/dist/cjs-ponyfill.js'
import atob from 'core-js-pure/actual/atob.js'
import btoa from 'core-js-pure/actual/btoa.js'
import DOMException from 'core-js-pure/actual/dom-exception/index.js'
import structuredClone from 'core-js-pure/actual/structured-clone.js'
import URL from 'core-js-pure/actual/url/index.js'
import URLSearchParams from 'core-js-pure/actual/url-search-params/index.js'
import { Event, EventTarget } from 'event-target-shim'
import { createFetch } from './fetch.mjs'

export {
  AbortController,
  AbortSignal,
  atob,
  btoa,
  createFetch,
  DOMException,
  Event,
  EventTarget,
  structuredClone,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
}
