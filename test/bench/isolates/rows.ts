/** What was measured, and what came of it. */
export type Row = readonly [what: string, figure: string]
