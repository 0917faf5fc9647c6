/**
 * Retention: which backups of one database stay in one store, and why. It only decides; an
 * operation deletes, and a dry run shows the same decisions.
 *
 * A rule is a file in `rules/` and a line in `rules/index.ts`; a protection, which holds over all
 * rules, is a line in `protections.ts`. `docs/retention.md` says what each does for its users.
 */
export type { Anomaly } from './anomaly.ts'
export { levelOf } from './anomaly.ts'
export { deletionTimes } from './deletion-times.ts'
export { describePolicy } from './describe-policy.ts'
export type { FallenTable } from './fallen-tables.ts'
export { fallenTables } from './fallen-tables.ts'
export type { Decision, RetentionPlan, RetentionQuestion } from './plan.ts'
export { leaveAlone, planRetention } from './plan.ts'
export { mostKeptOf, simulateRetention } from './simulate.ts'
