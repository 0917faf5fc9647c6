import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../../../model/index.ts'
import { type Command, ProcessFailure, runCommand } from '../../../platform/index.ts'

/**
 * Unpacks the tar of a directory dump into a folder of its own and returns that.
 * @throws {Refusal} when it holds anything but files and folders: a link could lead out of there.
 */
export async function unpack(path: string, scratch: string, signal: AbortSignal): Promise<string> {
  const folder = join(scratch, 'archive')
  await mkdir(folder, { mode: 0o700 })
  const listing = await run(['--list', '--verbose', '--numeric-owner', `--file=${path}`], signal)
  const odd = listing.split('\n').find((line) => line !== '' && !/^[-d]/u.test(line))
  if (odd !== undefined) throw refusal(`It holds something that pg_dump does not make: ${odd}`)
  await run(
    [
      '--extract',
      '--no-same-owner',
      '--no-same-permissions',
      `--file=${path}`,
      `--directory=${folder}`,
    ],
    signal,
  )
  return folder
}

async function run(args: readonly string[], signal: AbortSignal): Promise<string> {
  // Nothing of our own surroundings matters to it, but where it is.
  const command: Command = {
    program: 'tar',
    args,
    environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  }
  try {
    return (await runCommand(command, { signal })).toString('utf8')
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error
    throw refusal(error.ending.stderr.at(-1) ?? error.message)
  }
}

function refusal(reason: string): Refusal {
  return new Refusal('The archive could not be unpacked.', {
    reason,
    advice: 'Look whether there is room for it; if there is, use another backup.',
  })
}
