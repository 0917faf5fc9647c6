import { type Appliance, listBackups } from '../operations/index.ts'
import { baseEnvironment, diskUsage, runCommand } from '../platform/index.ts'
import { showListing } from './listing.ts'
import type { Screen } from './screen.ts'

/** The listing of `-l` and of the end of every cycle. */
export async function showCurrentBackups(screen: Screen, appliance: Appliance): Promise<void> {
  const { volume, environment, signal } = appliance
  const entries = diskUsage(volume.root, { except: appliance.catalog.folder })
  const [listing, fileSystem] = await Promise.all([
    listBackups(appliance, { live: true }),
    runCommand(
      { program: 'df', args: ['-h', volume.root], environment: baseEnvironment(environment) },
      { signal },
    ),
  ])
  showListing(screen, {
    listing,
    entries,
    fileSystem: fileSystem.toString('utf8').trimEnd().split('\n'),
    absolute: (path) => volume.absolute(path),
  })
}
