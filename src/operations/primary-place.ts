import { hash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Catalog, openCatalog, openCatalogOn } from '../catalog/index.ts'
import { type Configuration, primaryPlaceOf, type S3Settings } from '../config/index.ts'
import { type Clock, ownFolder, Refusal } from '../model/index.ts'
import {
  type Environment,
  explainingScratchErrors,
  isCode,
  type Modes,
  makeFolder,
} from '../platform/index.ts'
import { openS3Primary, openVolume, type Primary } from '../stores/index.ts'
import type { Appliance, Fetch } from './appliance.ts'
import { bringing } from './bring.ts'

interface World {
  readonly environment: Environment
  readonly clock: Clock
  readonly modes: Modes
  readonly onProblem: (text: string) => void
  readonly redacted: (text: string) => string
}

type PlaceOfBackups = Pick<Appliance, 'volume' | 'catalog' | 'from' | 'fetch'>

/**
 * Where new backups go and what is known of them: a folder, or a prefix of a bucket. Touches
 * nothing before it is used.
 * @throws {Refusal} exit status 2, when a file that the configuration names cannot be read.
 */
export async function openPrimaryPlace(
  { settings }: Configuration,
  world: World,
): Promise<PlaceOfBackups> {
  const place = primaryPlaceOf(settings)
  if (place.kind === 's3') return await inBucket(place.s3, settings.scratchDir, world)
  const root = resolve(place.path)
  return {
    volume: openVolume(root, world),
    catalog: openCatalog(root, world),
    from: null,
    fetch: null,
  }
}

async function inBucket(
  options: S3Settings,
  scratchDir: string | null,
  world: World,
): Promise<PlaceOfBackups> {
  const { clock, environment, modes } = world
  const scratch = scratchOf(options, scratchDir, environment)
  const volume = await openS3Primary({ ...options, clock, scratch })
  const brought = bringing(world, {
    store: volume,
    label: volume.root,
    listing: 'backup.sh -l',
    scratch,
  })
  const fetch: Fetch = async (backup, errand) => {
    await explainingScratchErrors(scratch, `Creating ${scratch}`, () =>
      makeFolder(scratch, modes.folder),
    )
    await refuseForeign(scratch)
    return await brought.fetch(backup, errand)
  }
  const { absolute } = brought
  const open: Primary['open'] = (path, signal) => brought.open(path, signal)
  const acquireLock: Primary['acquireLock'] = async (wish) => {
    await refuseForeign(scratch)
    return await volume.acquireLock(wish)
  }
  const catalog: Catalog = openCatalogOn(volume.records, world)
  return { volume: { ...volume, absolute, open, acquireLock }, catalog, from: null, fetch }
}

/** One for each place, so that two appliances on a machine clear away only their own. */
function scratchOf(
  { endpoint, bucket, prefix }: S3Settings,
  scratchDir: string | null,
  environment: Environment,
): string {
  const name = hash('sha256', JSON.stringify([endpoint, bucket, prefix])).slice(0, 12)
  if (scratchDir !== null) return join(resolve(scratchDir), `backup-container-${name}`)
  const folder = environment['TMPDIR'] ?? '/tmp'
  return join(folder, `backup-container-${process.getuid?.() ?? 0}-${name}`)
}

/** In /tmp others could have put something of theirs under the name. */
async function refuseForeign(scratch: string): Promise<void> {
  const stats = await lstat(scratch).catch((error: unknown) => {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return null
    throw error
  })
  const isOurs = stats === null || (stats.isDirectory() && stats.uid === process.getuid?.())
  if (isOurs) return
  throw new Refusal(`${scratch} is not a folder of this user.`, {
    reason: 'Archives in it could be read or changed by somebody else.',
    advice: 'Remove it, or set SCRATCH_DIR to a folder of your own.',
  })
}

/** Where notices that could not be delivered are kept: beside the catalog, or on this machine. */
export function outboxFolder(
  { settings }: Pick<Configuration, 'settings'>,
  environment: Environment,
): string {
  const place = primaryPlaceOf(settings)
  if (place.kind === 'folder') return join(resolve(place.path), ownFolder)
  return scratchOf(place.s3, settings.scratchDir, environment)
}
