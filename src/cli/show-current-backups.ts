import { allEnded } from '../model/index.ts'
import { type Appliance, listBackups } from '../operations/index.ts'
import { baseEnvironment, ProcessFailure, runCommand } from '../platform/index.ts'
import { showListing } from './listing.ts'
import type { Screen } from './screen.ts'

/** The listing of `-l` and of the end of every cycle. */
export async function showCurrentBackups(screen: Screen, appliance: Appliance): Promise<void> {
  const { volume, signal } = appliance
  const [entries, listing] = await allEnded([
    volume.usage(signal),
    listBackups(appliance, { live: true }),
  ])
  const isThere = entries.length > 0
  const fileSystem = isThere && volume.isLocal ? await describeFileSystem(screen, appliance) : []
  showListing(screen, {
    listing,
    entries,
    fileSystem,
    label: (path) => volume.label(path),
  })
  if (!isThere) {
    const nothing = volume.isLocal
      ? `There is no folder ${volume.root} yet; the first backup makes it.`
      : `There is no backup in ${volume.root} yet.`
    screen.tell(`[WARN] - ${nothing}`, 'yellow')
  }
}

/** Lines of `df -h`; without them the rest of the listing is still worth something. */
async function describeFileSystem(
  screen: Screen,
  { volume, environment, signal }: Appliance,
): Promise<readonly string[]> {
  const args = ['-h', volume.root]
  try {
    const df = { program: 'df', args, environment: baseEnvironment(environment) }
    const output = await runCommand(df, { signal })
    return output.toString('utf8').trimEnd().split('\n')
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ProcessFailure)) throw error
    screen.tell(`[WARN] - The size of the file system is not known: ${error.message}.`, 'yellow')
    return []
  }
}
