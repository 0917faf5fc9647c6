import { describe, expect, test } from 'vitest'
import { ownFlags } from '../../src/schedule/index.ts'

describe('a command that is only backup.sh with flags', () => {
  test.each([
    ['./backup.sh -s', ['-s']],
    ['/backup.sh -s -v all', ['-s', '-v', 'all']],
    ['  backup.sh   --once --only=db:5432/app ', ['--once', '--only=db:5432/app']],
    [`./backup.sh -s -v 'db/my app'`, ['-s', '-v', 'db/my app']],
    [`./backup.sh -s -v "db/my app"`, ['-s', '-v', 'db/my app']],
    ['./backup.sh -s -v db/my%20app', ['-s', '-v', 'db/my%20app']],
    ['./backup.sh', []],
  ])('%j is for this program', (command, flags) => {
    expect(ownFlags(command)).toEqual(flags)
  })

  test.each([
    '. /vault/secrets/creds && ./backup.sh -1',
    './backup.sh -s || echo failed',
    './backup.sh -s > /tmp/log 2>&1',
    './backup.sh -s # nightly',
    './backup.sh -v "$SPEC"',
    './backup.sh -v "it is \\"quoted\\""',
    './backup.sh -s -f *.gz',
    './backup.sh -s &',
    '(./backup.sh -s -v host:5432/db)',
    "./backup.sh -v 'open",
    'TZ=UTC ./backup.sh -s',
    './my-backup.sh -s',
    'true',
    '',
  ])('%j is for a shell', (command) => {
    expect(ownFlags(command)).toBeNull()
  })
})
