import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. What else restic reads from its environment reaches it as it is. */
export const copyingToRestic = {
  RESTIC_REPOSITORY: {
    kind: 'secret',
    fallback: null,
    about: 'restic repository for copies, as restic itself writes it.',
  },
  RESTIC_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Its password. Without it, nobody can read the copies.',
  },
  RESTIC_HOST: {
    kind: 'text',
    fallback: 'backup-container',
    about: 'Host of the snapshots of this container.',
  },
  RESTIC_TAGS: {
    kind: 'text',
    fallback: null,
    about: 'Further tags of our snapshots, with commas between.',
  },
  RESTIC_CACHE_DIR: {
    kind: 'folder',
    fallback: null,
    about: 'Cache of restic. Unset: in the folder for temporary files.',
  },
} as const satisfies Rows
