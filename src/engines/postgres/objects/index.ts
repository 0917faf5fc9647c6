/**
 * Objects: what is in a database beside rows, and what of it the dump must hold. The same SQL is
 * asked in the dump's snapshot and of the restored database, so what differs is missing.
 */
export { listObjects, objectsOfKind } from './list.ts'
export { objectsForManifest } from './record.ts'
