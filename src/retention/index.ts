/**
 * Retention: which backups of one database stay, and why. It only decides; an operation deletes,
 * and a dry run shows the same decisions. Counts live in `scope.ts`; a new protection is a line in
 * `protections.ts`.
 */
export type { Decision, RetentionPolicy } from './plan.ts'
export { planRetention } from './plan.ts'
