import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. What is unset here leaves the strategy's counts alone. */
export const retaining = {
  KEEP_LAST: { kind: 'count', fallback: null, about: 'Keep the newest so many.' },
  KEEP_HOURLIES: {
    kind: 'count',
    fallback: null,
    about: 'Keep the newest of each of so many hours that have a backup.',
  },
  KEEP_DAILIES: { kind: 'count', fallback: null, about: 'The same for days.' },
  KEEP_WEEKLIES: { kind: 'count', fallback: null, about: 'The same for weeks, from Monday on.' },
  KEEP_MONTHLIES: { kind: 'count', fallback: null, about: 'The same for months.' },
  KEEP_YEARLIES: { kind: 'count', fallback: null, about: 'The same for years.' },
  KEEP_WITHIN: {
    kind: 'span',
    fallback: null,
    about: 'Keep all taken less than so long before the newest.',
  },
  KEEP: {
    kind: 'keep',
    fallback: null,
    about: 'Keep specifications, as "@2w/1d~6h @8w/1w~1d".',
  },
  MAX_AGE: {
    kind: 'span',
    fallback: null,
    about: 'Keep what is younger, or has no newer good one. Or S3_BACKUP_MAX_AGE.',
    lookup: ['MAX_AGE', 'S3_BACKUP_MAX_AGE'],
  },
  MIN_BACKUPS: {
    kind: 'count',
    fallback: '1',
    about: 'So many of the newest always stay; at least one does.',
  },
  STALE_AFTER: {
    kind: 'span',
    fallback: null,
    about: 'No pruning while the newest good one is older. Unset: 3 periods.',
  },
  ANOMALY_THRESHOLD: {
    kind: 'percent',
    fallback: '50%',
    about: 'A fall of size or rows by more keeps the one before; 0: off.',
  },
} as const satisfies Rows
