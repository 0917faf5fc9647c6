import { expect, test } from 'vitest'
import { ScratchTrouble } from '../../../src/engines/postgres/scratch/trouble.ts'

test('a full disk is said first, wherever in the log it stands', () => {
  const lost = 'The scratch server gave up during the restore.'
  const log = [
    'server closed the connection unexpectedly',
    'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
    'LOG:  all server processes terminated',
  ]

  expect(new ScratchTrouble(lost, { log }).message).toBe(
    `There is no room for the restored database below VERIFICATION_DIR. ${lost}`,
  )
  expect(new ScratchTrouble(lost, { log: log.slice(0, 1) }).message).toBe(lost)
})
