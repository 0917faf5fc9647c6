import { dumpSettingsOf } from '../config/index.ts'
import { type DumpOrder, engineOf, type PreparedDump } from '../engines/index.ts'
import {
  archiveKindOf,
  type Backup,
  type BackupName,
  type ConfiguredDatabase,
  type Fingerprint,
  identityOf,
  inProgressPathOf,
  localStampOf,
  type Manifest,
  parseBackupName,
  printBackupName,
  type SealedBackup,
  type WrittenBackup,
} from '../model/index.ts'
import { refuseIfNotPossible } from '../platform/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import type { Cycle } from './cycle.ts'
import { encryptedTo, encryptionOnVolume } from './encryption.ts'
import { newestGood } from './inventory.ts'
import { readBackWritten } from './read-back-written.ts'
import { streamDump } from './stream-dump.ts'
import { warnOfLittleSpace } from './warn-of-little-space.ts'

export interface BackedUp {
  readonly backup: Backup
  readonly manifest: Manifest
}

/**
 * Dumps one database into one sealed backup.
 * @throws {Refusal} when any part of it failed; nothing is left on the volume then.
 */
export async function backUpOne(cycle: Cycle, database: ConfiguredDatabase): Promise<BackedUp> {
  const { appliance, record } = cycle
  const startedAt = appliance.clock.now()
  const name = await appliance.volume.freeName(nameFor(cycle, database, startedAt))
  const partialPath = inProgressPathOf(printBackupName(name))
  appliance.tell({
    kind: 'backup-started',
    database,
    partialPath: appliance.volume.label(partialPath),
  })
  await record.started(database, partialPath)
  try {
    const backedUp = await dumpAndSeal(cycle, { database, name, startedAt })
    await record.succeeded(database, backedUp.manifest.path, backedUp.manifest.bytes)
    return backedUp
  } catch (error) {
    await record.failed(database, error)
    throw error
  }
}

interface Turn {
  readonly database: ConfiguredDatabase
  readonly name: BackupName
  readonly startedAt: Date
}

function nameFor(cycle: Cycle, database: ConfiguredDatabase, startedAt: Date): BackupName {
  const { tier, folder, appliance } = cycle
  const { settings } = appliance.configuration
  const { format } = dumpSettingsOf(database, settings)
  const encryption = encryptionOnVolume(appliance) === null ? null : 'age'
  const kind = archiveKindOf(format, settings.compression, encryption)
  return { tier, folder, core: database.core, stamp: localStampOf(startedAt), ...kind }
}

async function dumpAndSeal(cycle: Cycle, turn: Turn): Promise<BackedUp> {
  const { appliance, inventory } = cycle
  const { database } = turn
  const engine = engineOf(database)
  const earlier = inventory.of.get(database) ?? []
  const expectedBytes = newestGood(earlier, turn.startedAt)?.bytes ?? null
  const encryption = encryptionOnVolume(appliance)
  if (encryption !== null) await refuseIfNotPossible(encryption, appliance.environment)
  await warnOfLittleSpace(appliance, database, expectedBytes)
  await using dump = await engine.prepareDump(
    database,
    engineContext(appliance),
    dumpOrder(appliance, database),
  )
  for (const text of dump.warnings) appliance.tell({ kind: 'warning', database, text })
  const open = await appliance.volume.begin(turn.name)
  try {
    const { format } = turn.name
    const stream = { database, engine, dump, format, open, encryption, expectedBytes }
    const { written, fingerprint, clear } = await streamDump(appliance, stream)
    await readBackWritten(appliance, written, { dump, name: turn.name, clear })
    const manifest = manifestFor(cycle, turn, { dump, written, fingerprint })
    const { volume, catalog } = appliance
    const sealed = await volume.seal(written, manifest, (it) => catalog.save(it))
    return { backup: asBackup(sealed, turn), manifest }
  } catch (error) {
    await appliance.volume.discard(open)
    throw error
  }
}

function dumpOrder(appliance: Appliance, database: ConfiguredDatabase): DumpOrder {
  const { settings } = appliance.configuration
  return {
    ...dumpSettingsOf(database, settings),
    codec: settings.compression,
    level: settings.compressionLevel,
    scratchFolder: appliance.volume.scratch,
  }
}

interface Evidence {
  readonly dump: PreparedDump
  readonly written: WrittenBackup
  readonly fingerprint: Fingerprint
}

function manifestFor(cycle: Cycle, turn: Turn, evidence: Evidence): Manifest {
  const { appliance, trigger } = cycle
  const { dump, written, fingerprint } = evidence
  const { spec } = turn.database
  return {
    version: 1,
    path: written.path,
    spec: identityOf(spec),
    engine: spec.engine,
    format: turn.name.format,
    codec: turn.name.codec,
    ...encryptionInManifest(appliance),
    startedAt: turn.startedAt.toISOString(),
    finishedAt: appliance.clock.now().toISOString(),
    bytes: written.bytes,
    sha256: written.sha256,
    trigger,
    ...dump.facts,
    rolesIncluded: dump.preamble !== null,
    ...rolesInManifest(turn.name, dump),
    fingerprint,
    warnings: [...dump.warnings, ...(fingerprint.problem === null ? [] : [fingerprint.problem])],
    copies: [],
    verifications: [],
    check: null,
  }
}

function encryptionInManifest(appliance: Appliance): Pick<Manifest, 'encryption'> {
  const encryption = encryptionOnVolume(appliance)
  return encryption === null ? {} : { encryption: encryptedTo(encryption) }
}

/** Only a plain archive has room for them. */
function rolesInManifest(
  { format }: BackupName,
  { preamble }: PreparedDump,
): Pick<Manifest, 'rolesSql'> {
  return format === 'plain' || preamble === null ? {} : { rolesSql: preamble.toString('utf8') }
}

function asBackup({ path, manifest }: SealedBackup, { name, startedAt }: Turn): Backup {
  return {
    path,
    name: parseBackupName(path) ?? name,
    takenAt: startedAt,
    bytes: manifest.bytes,
    manifest,
    quality: 'good',
    problem: null,
  }
}
