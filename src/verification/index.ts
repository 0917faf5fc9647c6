/**
 * Verification: what was found in a restored database against what is known of the backup → a
 * verdict with its reasons. It only judges; an operation restores, and engines find the facts.
 * A new kind of difference is a function in `differences.ts` and its place in `judge`.
 */
export { rowsAreCompared } from './differences.ts'
export { judge } from './judge.ts'
export { comparedObjects } from './object-differences.ts'
