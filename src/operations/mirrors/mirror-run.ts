import {
  type Backup,
  type ConfiguredDatabase,
  copiesOnRecord,
  Refusal,
  type StoredFile,
} from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { takeInventory } from '../inventory.ts'
import { clearMirror } from './clear-mirror.ts'
import { backupsOf, compareWithListing, fileOf, type MirrorWork } from './compare.ts'
import { copyOne, refreshManifest, type Sending } from './copy-one.ts'
import { forgetCopy } from './copy-records.ts'
import { knownManifests } from './holdings.ts'
import type { Mirror, MirrorStore } from './mirror.ts'
import { owedTo } from './owed.ts'
import { pruneMirror } from './prune-mirror.ts'
import { recoverCatalog } from './recover-catalog.ts'
import { sinceReadBack } from './since-read-back.ts'
import { spareBetter } from './spare-better.ts'

/** What one run did to one mirror. */
export interface MirrorOutcome {
  readonly store: string
  /** Paths on the volume. */
  readonly copied: readonly string[]
  readonly repaired: readonly string[]
  /** Paths in the mirror that its policy let go. */
  readonly removed: readonly string[]
  readonly failures: readonly MirrorFailure[]
}

export interface MirrorFailure {
  /** On the volume; null: it concerns the mirror as a whole. */
  readonly path: string | null
  readonly error: unknown
}

/**
 * One mirror in one run. New backups are copied one after the other while the next are made;
 * `finish` brings the mirror to what its policy wants. Failures are gathered: a mirror that is down
 * is no reason to stop, and is not asked again in this run.
 */
export class MirrorRun {
  readonly #appliance: Appliance
  readonly #mirror: Mirror
  readonly #copied: string[] = []
  readonly #repaired: string[] = []
  readonly #removed: string[] = []
  readonly #failures: MirrorFailure[] = []
  readonly #catchUpMs: number
  #isDown = false
  #hasWarned = false
  /** Copies that were not read back since the last that was, earlier runs included. */
  #sinceReadBack: number | null = null
  #last: Promise<void> = Promise.resolve()

  /** @param catchUpMs how long what it lacks from before may be sent: the next cycle must come. */
  constructor(appliance: Appliance, mirror: Mirror, catchUpMs: number) {
    this.#appliance = appliance
    this.#mirror = mirror
    this.#catchUpMs = catchUpMs
  }

  /** Copies it when those before it are done. */
  add(database: ConfiguredDatabase, backup: Backup): void {
    this.#last = this.#last.then(() => this.#copy(database, backup))
    // Who finishes hears of it; who cannot, because the cycle was ended, knows the reason already.
    this.#last.catch(() => undefined)
  }

  /** Settles when nothing is being copied any more, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#last])
  }

  /** What it lacks, oldest first; what changed beside it; what its policy lets go. */
  async finish(databases: readonly ConfiguredDatabase[]): Promise<MirrorOutcome> {
    await this.#last
    if (!this.#isDown) await this.#noting(null, () => this.#reconcile(databases))
    return {
      store: this.#mirror.name,
      copied: this.#copied,
      repaired: this.#repaired,
      removed: this.#removed,
      failures: this.#failures,
    }
  }

  /** Before anything is pruned: a catalog that was lost knows of no pin and no proof. */
  async recoverCatalog(databases: readonly ConfiguredDatabase[]): Promise<void> {
    if (this.#isDown) return
    await this.#noting(null, async () => {
      const store = await this.#open()
      await recoverCatalog(this.#work(store), databases)
    })
  }

  async #reconcile(databases: readonly ConfiguredDatabase[]): Promise<void> {
    const { signal } = this.#appliance
    const store = await this.#open()
    const files = new Map((await store.list(signal)).map((file) => [file.path, file]))
    await compareWithListing({ ...this.#work(store), databases, files })
    await this.#sendOwed(databases, files)
    if (this.#isDown) return
    await this.#refresh(store, databases)
    await this.#noting(null, () => clearMirror(this.#appliance, store))
    if (this.#mirror.prunes) await this.#noting(null, () => this.#prune(store, databases))
  }

  async #sendOwed(
    databases: readonly ConfiguredDatabase[],
    files: ReadonlyMap<string, StoredFile>,
  ): Promise<void> {
    const inventory = await takeInventory(this.#appliance)
    const owed: { database: ConfiguredDatabase; backup: Backup }[] = []
    for (const database of databases) {
      const backups = inventory.of.get(database) ?? []
      const own = await owedTo(this.#appliance, this.#mirror, { database, backups })
      owed.push(...own.map((backup) => ({ database, backup })))
      await this.#forgetLapsed(backups, own)
    }
    const refused = new Set(this.#failures.map(({ path }) => path))
    const left = owed
      .filter(({ backup }) => !refused.has(backup.path))
      .toSorted((one, other) => one.backup.takenAt.getTime() - other.backup.takenAt.getTime())
    const deadline = performance.now() + this.#catchUpMs
    for (const [sent, { database, backup }] of left.entries()) {
      if (performance.now() > deadline) return this.#leave(left.length - sent)
      await this.#copy(database, backup, files)
    }
  }

  /** What was lost there and need not be there any more. */
  async #forgetLapsed(backups: readonly Backup[], owed: readonly Backup[]): Promise<void> {
    for (const backup of backups) {
      const copy = copiesOnRecord(backup).find(({ store }) => store === this.#mirror.name)
      if (copy?.lostAt === undefined || backup.quality === 'bad' || owed.includes(backup)) continue
      await forgetCopy(this.#appliance, backup, this.#mirror)
    }
  }

  /** The lock of the volume must not be held for as long as a new mirror takes to be filled. */
  #leave(count: number): void {
    const text = `${this.#mirror.name} still lacks ${count} older backups; the next cycle goes on (MIRROR_CATCH_UP), or backup.sh --mirror.`
    this.#appliance.tell({ kind: 'warning', database: null, text })
  }

  async #refresh(store: MirrorStore, databases: readonly ConfiguredDatabase[]): Promise<void> {
    const listed = await store.listRecords(this.#appliance.signal)
    const records = new Map(listed.map(({ path, bytes }) => [path, bytes]))
    const inventory = await takeInventory(this.#appliance)
    for (const { manifest, path } of backupsOf(inventory, databases)) {
      if (manifest === null) continue
      const refreshing = { mirror: this.#mirror, store, records }
      await this.#noting(path, () => refreshManifest(this.#appliance, manifest, refreshing))
    }
  }

  async #prune(store: MirrorStore, databases: readonly ConfiguredDatabase[]): Promise<void> {
    const { signal } = this.#appliance
    const inventory = await takeInventory(this.#appliance)
    const own = backupsOf(inventory, databases)
    const manifests = knownManifests(this.#mirror, own)
    const files = await store.list(signal)
    const contents = { mirror: this.#mirror, store, files, manifests }
    const gone = await pruneMirror(this.#appliance, contents, databases)
    const removed = [...gone.values()]
    this.#removed.push(...removed)
    const { name } = this.#mirror
    for (const backup of own) {
      const isGone = copiesOnRecord(backup).some(
        (copy) => copy.store === name && gone.has(copy.path),
      )
      if (isGone) await forgetCopy(this.#appliance, backup, this.#mirror)
    }
    if (removed.length > 0) this.#appliance.tell({ kind: 'mirror-pruned', store: name, removed })
  }

  /** @param files what the mirror lists: something of its name may be there that is not its copy. */
  async #copy(
    database: ConfiguredDatabase,
    backup: Backup,
    files: ReadonlyMap<string, StoredFile> = new Map(),
  ): Promise<void> {
    if (this.#isDown) return
    const started = performance.now()
    const { name, readBackEvery } = this.#mirror
    await this.#noting(backup.path, async () => {
      const store = await this.#open()
      const isNameTaken = fileOf({ mirror: this.#mirror, files }, backup.path) !== undefined
      if (isNameTaken) await spareBetter(this.#appliance, { database, backup }, name)
      this.#sinceReadBack ??= await sinceReadBack(this.#appliance, name)
      this.#sinceReadBack += 1
      const readBack = readBackEvery > 0 && this.#sinceReadBack >= readBackEvery
      if (readBack) this.#sinceReadBack = 0
      const onBytes: Sending['onBytes'] = (bytes, expectedBytes) =>
        this.#appliance.tell({ kind: 'mirror-grew', database, store: name, bytes, expectedBytes })
      const sending = { mirror: this.#mirror, store, readBack, onBytes }
      const { bytes } = await copyOne(this.#appliance, backup, sending)
      this.#copied.push(backup.path)
      this.#warnOfCiphertext(backup)
      const path = this.#appliance.volume.label(backup.path)
      const elapsedMs = performance.now() - started
      this.#appliance.tell({ kind: 'mirrored', database, store: name, path, bytes, elapsedMs })
    })
  }

  /** Once in a run: it is the same for every backup. */
  #warnOfCiphertext({ name: { encryption } }: Backup): void {
    if (this.#mirror.keeps !== 'contents' || encryption === undefined || this.#hasWarned) return
    this.#hasWarned = true
    const text =
      `${this.#mirror.name} gets encrypted archives (ENCRYPT=all), of which it can save no ` +
      'duplicates: each takes its whole size there. It encrypts by itself; ENCRYPT=mirrors leaves that to it.'
    this.#appliance.tell({ kind: 'warning', database: null, text })
  }

  #work(store: MirrorStore): MirrorWork {
    return {
      appliance: this.#appliance,
      mirror: this.#mirror,
      store,
      copied: this.#copied,
      noting: (path, work) => this.#noting(path, work),
      repaired: (path) => this.#repaired.push(path),
    }
  }

  async #open(): Promise<MirrorStore> {
    try {
      return await this.#mirror.open()
    } catch (error) {
      this.#isDown = true
      throw error
    }
  }

  /** A failure is told once and gathered; an outage ends what this mirror can do in this run. */
  async #noting(path: string | null, work: () => Promise<unknown>): Promise<void> {
    const { signal, tell } = this.#appliance
    try {
      await work()
    } catch (error) {
      signal.throwIfAborted()
      this.#isDown ||= path === null || isOfWhole(error)
      this.#failures.push({ path, error })
      tell({ kind: 'mirror-failed', store: this.#mirror.name, path, error })
    }
  }
}

/** Whether nothing else will succeed at this mirror now. */
function isOfWhole(error: unknown): boolean {
  return error instanceof Refusal && (error.mayPass || error.concernsStore)
}
