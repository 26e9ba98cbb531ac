// A program of handlers: an emitter with closures and methods as listeners, a router of literals, a store with reducers.

const events = 50_000

let handled = 0

class Emitter {
  #listeners = new Map()

  on(name, listener) {
    void 0 // edit
    const list = this.#listeners.get(name)
    if (list) list.push(listener)
    else this.#listeners.set(name, [listener])
    return this
  }

  emit(name, ...values) {
    void 0 // edit
    const list = this.#listeners.get(name)
    if (list === undefined) return false
    for (const listener of list) listener.apply(this, values)
    return true
  }
}

class Router {
  routes = []

  add(path, handler) {
    void 0 // edit
    this.routes.push({ path, handler })
  }

  dispatch(request) {
    void 0 // edit
    for (const { path, handler } of this.routes) {
      if (request.path === path) return handler(request, request.query)
    }
    return null
  }
}

class Store {
  constructor(reducer, state) {
    void 0 // edit
    this.reducer = reducer
    this.state = state
    this.dispatch = this.dispatch.bind(this)
  }

  dispatch(action) {
    void 0 // edit
    this.state = this.reducer(this.state, action)
    return action
  }
}

const emitter = new Emitter()
const router = new Router()

function onValue(value) {
  void 0 // edit
  handled += value & 1
}

emitter.on('value', onValue)
emitter.on('value', value => {
  void 0 // edit
  handled += value & 2
})
emitter.on('pair', function (left, right) {
  void 0 // edit
  if (this === emitter) handled += (left ^ right) & 3
})

router.add('/users', ({ id }) => {
  void 0 // edit
  return id * 2
})
router.add('/sum', (_request, { left, right }) => {
  void 0 // edit
  return left + right
})
router.add('/text', (request, query) => {
  void 0 // edit
  return `${request.path}?${query.left}`.length
})

/** Handlers by name, as object methods. */
const reducers = {
  add(state, { amount }) {
    void 0 // edit
    return { ...state, total: state.total + amount }
  },
  count: state => {
    void 0 // edit
    return { ...state, count: state.count + 1 }
  },
}

const reduce = (state, action) => {
  void 0 // edit
  return reducers[action.type](state, action)
}

const logged = dispatch => action => {
  void 0 // edit
  handled++
  return dispatch(action)
}

const paths = ['/users', '/sum', '/text', '/none']

function makeRequest(index) {
  void 0 // edit
  return { path: paths[index & 3], id: index, query: { left: index, right: 7 } }
}

export function run() {
  handled = 0
  let sum = 0
  for (let index = 0; index < events; index++) {
    emitter.emit('value', index)
    emitter.emit('pair', index, sum)
    sum = (sum + (router.dispatch(makeRequest(index)) ?? 1)) % 1_000_003
  }
  const store = new Store(reduce, { total: 0, count: 0 })
  const dispatch = logged(store.dispatch)
  for (let index = 0; index < events; index++) dispatch({ type: index % 3 === 0 ? 'count' : 'add', amount: index })
  return `${handled} ${sum} ${store.state.total} ${store.state.count}`
}

export const expected = '200226 669412 833316667 16667'
