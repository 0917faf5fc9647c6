import { type Line, line } from './line.ts'

type Section = readonly [title: string, rows: readonly (readonly [keys: string, what: string])[]]

const sections: readonly Section[] = [
  [
    'Everywhere',
    [
      ['Up Down j k', 'move; PgUp, PgDn, Home, End too'],
      ['Enter', 'look closer, or go on'],
      ['Esc', 'back'],
      ['1 2 3 4 5', 'overview, schedule, log, settings, the operation'],
      ['/', 'filter what is listed; Esc shows all again'],
      ['?', 'this help'],
      ['q  Ctrl-C', 'leave; asks while something is running'],
      ['Ctrl-L', 'draw the screen anew'],
    ],
  ],
  [
    'Overview: the chosen database (B V C P: all of them)',
    [
      ['b  B', 'back up now'],
      ['v  V', 'verify: restore the newest good backup into a scratch server and compare'],
      ['c  C', 'check: read every byte of every backup'],
      ['p  P', 'prune: first a preview with reasons'],
      ['r', 'restore: choose a backup, then what to do'],
      ['m', 'mirror those of all databases now'],
      ['t', 'test the notifications'],
    ],
  ],
  [
    'A database and its backups',
    [
      ['Enter', 'all about this backup: rows, differences to the one before'],
      ['r', 'restore this backup'],
      ['v', 'verify this backup'],
      ['i', 'pin it: nothing deletes it; again: unpin'],
      ['f', 'the backups of it in the mirrors, one after the other'],
      ['b  c  p', 'back up, check, prune this database'],
    ],
  ],
  [
    'The operation',
    [
      ['x', 'cancel it, cleanly'],
      ['b  v  c  r  m', 'when it has ended: the same with its databases'],
    ],
  ],
  [
    'States',
    [
      ['ok', 'the newest good backup is in time, and proved by a restore'],
      ['unverified', 'in time, but nobody has proved it: v does'],
      ['late', 'no good backup when there should be one'],
      ['running', 'a backup is being taken'],
      ['failed', 'the last try failed, or the newest backup is bad'],
      ['unfinished', 'the last try was cancelled or killed'],
      ['anomaly', 'the newest backup has much less in it: --status says how to go on'],
      ['never', 'there is no good backup, or nobody has checked one'],
    ],
  ],
]

export const helpText: readonly Line[] = sections.flatMap(([title, rows]) => [
  line(title, 'strong'),
  ...rows.map(([keys, what]) => line(`  ${keys.padEnd(12)} ${what}`)),
  line(),
])
