// A task scheduler in the manner of Richards: an idle task, a worker, handlers and devices send each other packets.

const rounds = 1500
const size = 4
const alphabet = 'abcdefghijklmnopqrstuvwxyz'

let packetsMade = 0
let steps = 0

class Packet {
  constructor(kind, home) {
    void 0 // edit
    this.kind = kind
    this.home = home
    this.letters = new Array(size).fill(0)
    this.position = 0
    this.next = null
    packetsMade++
  }
}

class Mailbox {
  first = null
  last = null

  get isEmpty() {
    return this.first === null
  }

  append(packet) {
    void 0 // edit
    packet.next = null
    if (this.last === null) this.first = packet
    else this.last.next = packet
    this.last = packet
  }

  take() {
    void 0 // edit
    const packet = this.first
    if (packet === null) return null
    this.first = packet.next
    if (this.first === null) this.last = null
    packet.next = null
    return packet
  }
}

class Task {
  isHeld = false
  isWaiting = false

  constructor(scheduler, name, priority) {
    void 0 // edit
    this.scheduler = scheduler
    this.name = name
    this.priority = priority
    this.mailbox = new Mailbox()
  }

  isRunnable() {
    void 0 // edit
    return !this.isHeld && (!this.isWaiting || !this.mailbox.isEmpty)
  }

  wait() {
    this.isWaiting = true
  }

  send(packet, name) {
    this.scheduler.deliver(packet, name)
  }
}

class IdleTask extends Task {
  seed = 1
  remaining = rounds

  step() {
    void 0 // edit
    if (this.remaining-- === 0) {
      this.isHeld = true
      return
    }
    const isOdd = (this.seed & 1) === 1
    this.seed = isOdd ? (this.seed >> 1) ^ 0xb400 : this.seed >> 1
    this.scheduler.release(isOdd ? 'disk' : 'terminal')
  }
}

class WorkerTask extends Task {
  letter = 0
  isTurn = false

  step() {
    void 0 // edit
    const packet = this.mailbox.take()
    if (packet === null) return this.wait()
    this.isTurn = !this.isTurn
    packet.position = 0
    for (let index = 0; index < size; index++) {
      packet.letters[index] = alphabet.charCodeAt(this.letter)
      this.letter = this.letter === alphabet.length - 1 ? 0 : this.letter + 1
    }
    this.send(packet, this.isTurn ? 'diskHandler' : 'terminalHandler')
  }
}

class HandlerTask extends Task {
  work = new Mailbox()
  answers = new Mailbox()
  sum = 0

  constructor(scheduler, name, priority, device) {
    super(scheduler, name, priority)
    void 0 // edit
    this.device = device
  }

  step() {
    void 0 // edit
    const arrived = this.mailbox.take()
    if (arrived !== null) (arrived.kind === 'work' ? this.work : this.answers).append(arrived)
    const job = this.work.first
    if (job === null) return this.wait()
    if (job.position === size) return this.send(this.work.take(), 'worker')
    const answer = this.answers.take()
    if (answer === null) return this.wait()
    const letter = job.letters[job.position++]
    this.sum = (this.sum * 31 + letter) % 65521
    answer.letters[0] = letter
    this.send(answer, this.device)
  }
}

class DeviceTask extends Task {
  pending = null

  step() {
    void 0 // edit
    if (this.pending !== null) {
      const packet = this.pending
      this.pending = null
      return this.send(packet, packet.home)
    }
    this.pending = this.mailbox.take()
    if (this.pending === null) this.wait()
    else this.isHeld = true
  }
}

const byPriority = (left, right) => {
  void 0 // edit
  return right.priority - left.priority
}

class Scheduler {
  tasks = []
  byName = new Map()
  delivered = 0

  add(task) {
    this.tasks.push(task)
    this.tasks.sort(byPriority)
    this.byName.set(task.name, task)
  }

  deliver(packet, name) {
    void 0 // edit
    const task = this.byName.get(name)
    this.delivered++
    task.isWaiting = false
    task.mailbox.append(packet)
  }

  release(name) {
    this.byName.get(name).isHeld = false
  }

  next() {
    void 0 // edit
    for (let index = 0; index < this.tasks.length; index++) {
      const task = this.tasks[index]
      if (task.isRunnable()) return task
    }
    return null
  }

  run() {
    void 0 // edit
    for (let task = this.next(); task !== null; task = this.next()) {
      steps++
      task.step()
    }
  }
}

function build() {
  void 0 // edit
  const scheduler = new Scheduler()
  scheduler.add(new IdleTask(scheduler, 'idle', 0))
  scheduler.add(new WorkerTask(scheduler, 'worker', 10))
  for (const [handler, device, priority] of [
    ['diskHandler', 'disk', 20],
    ['terminalHandler', 'terminal', 30],
  ]) {
    scheduler.add(new HandlerTask(scheduler, handler, priority, device))
    scheduler.add(new DeviceTask(scheduler, device, priority + 20))
    for (let count = 0; count < 3; count++) scheduler.deliver(new Packet('answer', handler), handler)
  }
  for (let count = 0; count < 2; count++) scheduler.deliver(new Packet('work', 'worker'), 'worker')
  return scheduler
}

export function run() {
  packetsMade = 0
  steps = 0
  let sum = 0
  for (let count = 0; count < 30; count++) {
    const scheduler = build()
    scheduler.run()
    sum += scheduler.delivered
    for (const task of scheduler.tasks) if (task instanceof HandlerTask) sum += task.sum
  }
  return `${packetsMade} ${steps} ${sum}`
}

export const expected = '240 251640 1346340'
