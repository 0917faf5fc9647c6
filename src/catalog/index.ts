/**
 * Catalog: what we know about backups beyond their names, and what became of each run; kept as
 * small JSON files under `<root>/.catalog/`. Lost, it costs verdicts and counts, never a backup:
 * files without a manifest are described and attributed by their names.
 * A new field of a manifest needs a line in `manifest-shape.ts`.
 */
export type { Attribution } from './attribute.ts'
export { attribute } from './attribute.ts'
export type { BackupRecords, Catalog } from './catalog.ts'
export { openCatalog, openCatalogOn } from './catalog.ts'
export { describeBackups } from './describe-backups.ts'
export {
  manifestOfCopy,
  manifestOfOriginal,
  readTravelling,
  recordPathOf,
  travelling,
} from './travelling.ts'
