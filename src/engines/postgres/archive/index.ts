/**
 * Archives: reads and judges the files that dumps were stored in, of every shape that an existing
 * volume may hold. Nothing of what they say is run here.
 */

export { checkArchive } from './archive.ts'
export type { CheckedArchive, RowsBlock } from './checked-archive.ts'
export { countNewlines, newline } from './count-newlines.ts'
export { splitStatements } from './split-statements.ts'
export { nameOf, wordsOf } from './statements.ts'
