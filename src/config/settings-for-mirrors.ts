import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`: what all places for copies have in common. */
export const mirroring = {
  MIRRORS: {
    kind: 'mirrors',
    fallback: null,
    about: 'Where copies go: ftp, s3, restic. Unset: to all that are set up.',
  },
  MIRROR_GRACE: {
    kind: 'span',
    fallback: '7d',
    about: 'So long a backup waits on the volume for a mirror that lacks it.',
  },
  MIRROR_CATCH_UP: {
    kind: 'wait',
    fallback: '1h',
    about: 'So long a cycle sends what a mirror lacks from before.',
  },
  MIRROR_TRIES: {
    kind: 'positive',
    fallback: '4',
    about: 'How often something is tried at a mirror that does not answer.',
  },
  FTP_PRUNE_BACKUPS: prunes(),
  FTP_READBACK: readBack(),
  FTP_RATE: rate(),
  S3_PRUNE_BACKUPS: prunes(),
  S3_READBACK: readBack(),
  S3_RATE: rate(),
  RESTIC_PRUNE_BACKUPS: prunes(),
  RESTIC_READBACK: readBack(),
  RESTIC_RATE: rate(),
} as const satisfies Rows

function prunes() {
  return {
    kind: 'yesNo',
    fallback: 'no',
    about: 'Whether retention deletes there, too; otherwise all stays.',
  } as const
}

function readBack() {
  return {
    kind: 'count',
    fallback: '1',
    about: 'Every which copy is read back whole; 0: none, only sizes count.',
    example: '10',
  } as const
}

function rate() {
  return {
    kind: 'rate',
    fallback: null,
    about: 'No more bytes per second than this: 10MB/s.',
  } as const
}
