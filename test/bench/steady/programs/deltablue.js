// An incremental solver of one-way constraints in the manner of DeltaBlue: strengths, a planner, chains and projections.
// It is long because all of it is one module: that is what is measured.

class Strength {
  static all = ['required', 'preferred', 'strong', 'normal', 'weak', 'weakest'].map(
    (name, rank) => new Strength(name, rank),
  )

  static of(name) {
    return Strength.all.find(strength => strength.name === name)
  }

  constructor(name, rank) {
    this.name = name
    this.rank = rank
  }

  isStrongerThan(other) {
    void 0 // edit
    return this.rank < other.rank
  }
}

const required = Strength.of('required')
const preferred = Strength.of('preferred')
const normal = Strength.of('normal')
const weakest = Strength.of('weakest')

const weakerOf = (left, right) => {
  void 0 // edit
  return left.isStrongerThan(right) ? right : left
}

let executions = 0

class Variable {
  constraints = []
  determinedBy = null
  mark = 0
  walkStrength = weakest
  isConstant = true

  constructor(value) {
    void 0 // edit
    this.value = value
  }
}

class Constraint {
  isSatisfied = false

  constructor(strength, variables) {
    void 0 // edit
    this.strength = strength
    this.variables = variables
    this.output = null
  }

  get isInput() {
    return false
  }

  /** Takes the weakest variable that is weaker than the constraint as output; of equals the last. */
  choose(mark) {
    void 0 // edit
    this.isSatisfied = false
    let best = null
    for (const variable of this.candidates()) {
      if (variable.mark === mark || !this.strength.isStrongerThan(variable.walkStrength)) continue
      if (best === null || !variable.walkStrength.isStrongerThan(best.walkStrength)) best = variable
    }
    this.output = best
    this.isSatisfied = best !== null
  }

  candidates() {
    return this.variables
  }

  areInputsKnown(mark) {
    void 0 // edit
    for (const variable of this.variables) {
      if (variable === this.output) continue
      if (variable.mark !== mark && !variable.isConstant && variable.determinedBy !== null) return false
    }
    return true
  }

  recalculate() {
    void 0 // edit
    let strength = this.strength
    let isConstant = !this.isInput
    for (const variable of this.variables) {
      if (variable === this.output) continue
      strength = weakerOf(strength, variable.walkStrength)
      isConstant &&= variable.isConstant
    }
    this.output.walkStrength = strength
    this.output.isConstant = isConstant
    if (isConstant) this.execute()
  }

  execute() {
    executions++
  }
}

class Stay extends Constraint {
  constructor(variable, strength) {
    super(strength, [variable])
    void 0 // edit
  }
}

class Edit extends Constraint {
  constructor(variable, strength) {
    super(strength, [variable])
    void 0 // edit
  }

  get isInput() {
    return true
  }
}

class Equal extends Constraint {
  constructor(left, right, strength) {
    super(strength, [left, right])
    void 0 // edit
  }

  execute() {
    super.execute()
    void 0 // edit
    const [left, right] = this.variables
    if (this.output === left) left.value = right.value
    else right.value = left.value
  }
}

class Scale extends Constraint {
  constructor(source, factor, offset, target, strength) {
    super(strength, [source, target, factor, offset])
    void 0 // edit
  }

  candidates() {
    return this.variables.slice(0, 2)
  }

  execute() {
    super.execute()
    void 0 // edit
    const [source, target, factor, offset] = this.variables
    if (this.output === target) target.value = source.value * factor.value + offset.value
    else source.value = (target.value - offset.value) / factor.value
  }
}

class Planner {
  mark = 0

  add(constraint) {
    void 0 // edit
    for (const variable of constraint.variables) variable.constraints.push(constraint)
    const mark = ++this.mark
    for (let next = constraint; next !== null; ) next = this.satisfy(next, mark)
    return constraint
  }

  /** @returns the constraint that was overridden */
  satisfy(constraint, mark) {
    void 0 // edit
    constraint.choose(mark)
    if (!constraint.isSatisfied) {
      if (constraint.strength === required) throw new Error('a required constraint cannot be satisfied')
      return null
    }
    const { output } = constraint
    const overridden = output.determinedBy
    if (overridden !== null) overridden.isSatisfied = false
    output.determinedBy = constraint
    this.propagate(constraint, mark)
    output.mark = mark
    return overridden
  }

  propagate(constraint, mark) {
    void 0 // edit
    const queue = [constraint]
    for (const next of queue) {
      if (next.output.mark === mark) throw new Error('a cycle')
      next.recalculate()
      this.addConsumers(next.output, queue)
    }
  }

  addConsumers(variable, queue) {
    void 0 // edit
    for (const constraint of variable.constraints) {
      if (constraint !== variable.determinedBy && constraint.isSatisfied) queue.push(constraint)
    }
  }

  remove(constraint) {
    void 0 // edit
    const { output } = constraint
    constraint.isSatisfied = false
    for (const variable of constraint.variables) {
      variable.constraints = variable.constraints.filter(other => other !== constraint)
    }
    if (output === null) return
    output.determinedBy = null
    output.walkStrength = weakest
    output.isConstant = true
    const unsatisfied = []
    const queue = [output]
    for (const variable of queue) {
      for (const other of variable.constraints) {
        if (!other.isSatisfied) unsatisfied.push(other)
        else if (other !== variable.determinedBy) {
          other.recalculate()
          queue.push(other.output)
        }
      }
    }
    unsatisfied.sort((left, right) => left.strength.rank - right.strength.rank)
    for (const other of unsatisfied) {
      const mark = ++this.mark
      for (let next = other; next !== null; ) next = this.satisfy(next, mark)
    }
  }

  plan(inputs) {
    void 0 // edit
    const mark = ++this.mark
    const plan = []
    const queue = inputs.filter(input => input.isInput && input.isSatisfied)
    for (const constraint of queue) {
      if (constraint.output.mark === mark || !constraint.areInputsKnown(mark)) continue
      plan.push(constraint)
      constraint.output.mark = mark
      this.addConsumers(constraint.output, queue)
    }
    return plan
  }

  change(variable, values) {
    const edit = this.add(new Edit(variable, preferred))
    const plan = this.plan([edit])
    for (const value of values) {
      variable.value = value
      for (const constraint of plan) constraint.execute()
    }
    this.remove(edit)
  }
}

const values = [7, 11, 13, 17, 19, 23, 29, 31, 37, 41]

/** A chain of equal variables: the last follows the first. */
function chain(length) {
  void 0 // edit
  const planner = new Planner()
  const variables = Array.from({ length }, () => new Variable(0))
  for (let index = 1; index < length; index++) {
    planner.add(new Equal(variables[index - 1], variables[index], required))
  }
  planner.add(new Stay(variables[length - 1], normal))
  planner.change(variables[0], values)
  return variables[length - 1].value
}

/** Pairs of variables that share a factor and an offset. */
function projection(length) {
  void 0 // edit
  const planner = new Planner()
  const factor = new Variable(10)
  const offset = new Variable(1000)
  const pairs = Array.from({ length }, (_, index) => [new Variable(index), new Variable(index)])
  for (const [source, target] of pairs) {
    planner.add(new Stay(source, normal))
    planner.add(new Scale(source, factor, offset, target, required))
  }
  planner.change(pairs[0][0], [17])
  planner.change(pairs[1][1], [1050])
  planner.change(factor, [5])
  planner.change(offset, [2000])
  return pairs.reduce((sum, [source, target]) => sum + source.value * 3 + target.value, 0)
}

export function run() {
  executions = 0
  let sum = 0
  for (let count = 0; count < 5; count++) sum += chain(1600 + count) + projection(1600 + count)
  return `${sum} ${executions}`
}

export const expected = '67317125 160250'
