/**
 * Restore: loads a checked archive into a new database beside the present one and swaps the two.
 * All statements on the server go through `admin-session.ts`, which quotes every name.
 */
export { prepareRestore } from './prepare-restore.ts'
