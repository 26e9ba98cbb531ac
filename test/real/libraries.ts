// Libraries of hundreds of modules, each with what a test asks of it.

export interface Library {
  readonly name: string
  /** The file that exports everything. */
  readonly face: string
  isWanted(path: string): boolean
  /** Modules that must at least take part. */
  readonly least: number
  /** A module that makes its answers itself, with the library's namespace: the same text runs in the guest and natively. */
  readonly answers: string
}

export const lodash: Library = {
  name: 'lodash-es',
  face: 'lodash.js',
  isWanted: path => path.endsWith('.js'),
  least: 600,
  answers: `
    export const answers = ({ default: lodash, ..._ }) => ({
      chunk: _.chunk(['a', 'b', 'c', 'd'], 3),
      difference: _.difference([2, 1, NaN], [2, NaN]),
      flattenDeep: _.flattenDeep([1, [2, [3, [4]], 5]]),
      zipObjectDeep: _.zipObjectDeep(['a.b[0].c', 'a.b[1].d'], [1, 2]),
      groupBy: _.groupBy([6.1, 4.2, 6.3], Math.floor),
      keyBy: _.keyBy([{ id: 'x', n: 1 }, { id: 'y', n: 2 }], 'id'),
      orderBy: _.orderBy([{ u: 'b', a: 1 }, { u: 'a', a: 1 }, { u: 'a', a: 3 }], ['u', 'a'], ['asc', 'desc']),
      countBy: _.countBy(['one', 'two', 'three'], 'length'),
      cloneDeep: _.cloneDeep({ date: new Date(5), map: new Map([[1, { a: [1] }]]), expression: /x/gi, set: new Set('ab') }),
      isEqual: [
        _.isEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }),
        _.isEqual(new Map([[{}, 1]]), new Map([[{}, 2]])),
        _.isEqual(new Uint8Array([1, 2]), new Uint8Array([1, 2])),
      ],
      merge: _.merge({ a: [{ b: 2 }, { d: 4 }] }, { a: [{ c: 3 }, { e: 5 }] }),
      set: _.set({}, 'a[0].b.c', 4),
      get: _.get({ a: [{ b: { c: 3 } }] }, ['a', '0', 'b', 'c']),
      pick: _.pickBy({ a: 1, b: '2', c: 3 }, _.isNumber),
      transform: _.transform({ a: 1, b: 2, c: 1 }, (result, value, key) => { (result[value] ||= []).push(key) }, {}),
      template: _.template('<% for (const n of names) { %><b><%- n %></b><% } %>')({ names: ['fred', '<barney>'] }),
      words: _.words('fred, barney, & pebbles: ÀéÎ'),
      cases: [_.camelCase('--foo-bar--'), _.snakeCase('fooBar'), _.startCase('fooBarBaz'), _.deburr('déjà vu')],
      truncate: _.truncate('hi-diddly-ho there, neighborino', { length: 24, separator: /,? +/ }),
      padding: [_.pad('abc', 8, '_-'), _.escape('fred & <pebbles>'), _.unescape('&lt;b&gt;')],
      curry: _.curry((a, b, c) => [a, b, c])(1)(2, 3),
      partial: _.partial((greeting, name) => greeting + ' ' + name, _.partial.placeholder, 'fred')('hi'),
      flow: _.flow([_.add, n => n * n])(1, 2),
      chain: lodash([4, 8]).map(n => n * n).filter(n => n > 20).head(),
      lazy: lodash(_.range(300)).map(n => n + 1).filter(n => n % 2 === 0).take(3).value(),
      debounced: typeof _.debounce(() => {}, 10).cancel,
      kinds: [_.isPlainObject({}), _.isArguments([]), _.isTypedArray(new Uint8Array()), _.isError(new Error()), _.isNil(null)],
      names: _.functions(lodash).sort(),
    })
  `,
}

export const dateFns: Library = {
  name: 'date-fns',
  face: 'index.js',
  isWanted: path =>
    !/\.(cjs|cts|ts|mts|md|json)$/.test(path) &&
    !/^(docs|fp)$/.test(path) &&
    !/^locale\/(?!en-US(\/|\.js$|$)|_lib(\/|$))/.test(path),
  least: 300,
  answers: `
    const day = new Date(2026, 0, 31, 13, 5, 9)
    const other = new Date(2027, 5, 2)
    export const answers = _ => ({
      addMonths: _.addMonths(day, 1),
      addBusinessDays: _.addBusinessDays(day, 7),
      add: _.add(day, { years: 1, weeks: 2, minutes: 4 }),
      sub: _.sub(day, { months: 11, hours: 30 }),
      differenceInDays: _.differenceInDays(other, day),
      differenceInCalendarMonths: _.differenceInCalendarMonths(other, day),
      format: _.format(day, "EEEE, do MMMM yyyy 'at' h:mm:ss a, QQQ, 'week' I"),
      formatDistance: _.formatDistance(day, other, { addSuffix: true }),
      formatRelative: _.formatRelative(day, new Date(2026, 1, 2)),
      formatDuration: _.formatDuration({ months: 9, days: 2 }),
      formatISO: _.formatISO(day, { representation: 'date' }),
      parse: _.parse('02/11/2014 10:15 PM', 'MM/dd/yyyy h:mm a', day),
      parseISO: _.parseISO('2026-02-11T11:30:30'),
      isValid: [_.isValid(new Date('')), _.isValid(day), _.isMatch('2026-13-01', 'yyyy-MM-dd')],
      startOfWeek: _.startOfWeek(day, { weekStartsOn: 1 }),
      endOfQuarter: _.endOfQuarter(day),
      eachWeekendOfMonth: _.eachWeekendOfMonth(day),
      eachDayOfInterval: _.eachDayOfInterval({ start: day, end: _.addDays(day, 4) }),
      intervals: _.areIntervalsOverlapping({ start: day, end: other }, { start: _.addDays(day, 3), end: _.addYears(day, 3) }),
      weeks: [_.getISOWeek(day), _.getWeek(day), _.getWeeksInMonth(day), _.getDayOfYear(other)],
      closest: _.closestTo(day, [other, _.subDays(day, 1)]),
      rounded: _.roundToNearestMinutes(day, { nearestTo: 15 }),
      duration: _.intervalToDuration({ start: day, end: other }),
      failure: (() => { try { _.format(day, 'n') } catch (error) { return [error.name, error.message] } })(),
    })
  `,
}
