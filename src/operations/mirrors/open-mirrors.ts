import {
  type Configuration,
  ftpOptionsOf,
  resticSettingsOf,
  type Settings,
  s3SettingsOf,
} from '../../config/index.ts'
import { type MirrorName, mirrorNames, Refusal } from '../../model/index.ts'
import type { Environment } from '../../platform/index.ts'
import {
  openFtpStore,
  openResticStore,
  openS3Store,
  withRate,
  withTries,
} from '../../stores/index.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

const firstPauseMs = 1_000

type Opener = () => Promise<MirrorStore>

/** null: it is not set up. */
const openers: Readonly<
  Record<MirrorName, (settings: Settings, environment: Environment) => Opener | null>
> = {
  ftp(settings) {
    const options = ftpOptionsOf(settings)
    return options === null ? null : () => openFtpStore(options)
  },
  s3(settings) {
    const options = s3SettingsOf(settings)
    return options === null ? null : () => openS3Store(options)
  },
  restic(settings, environment) {
    const options = resticSettingsOf(settings, environment)
    if (options === null) return null
    return async () => {
      const store = openResticStore(options)
      return { ...store, check: (signal) => store.check({ signal }) }
    }
  },
}

/**
 * The places for copies that are configured, in the order of MIRRORS. None is opened before it is
 * needed, and each once.
 * @throws {Refusal} exit status 2, when MIRRORS names one that is not set up.
 */
export function mirrorsOf(
  { settings, encryption }: Configuration,
  environment: Environment,
): readonly Mirror[] {
  const wanted = settings.mirrors ?? mirrorNames
  return wanted.flatMap((name) => {
    const open = openers[name](settings, environment)
    if (open === null && settings.mirrors !== null) throw notSetUp(name)
    if (open === null) return []
    const { prunes, readBackEvery, rate } = ownSettings(settings, name)
    // A store that removes duplicates could not do so any more, and restic encrypts by itself.
    const keeps = name === 'restic' ? 'contents' : 'archives'
    let opened: Promise<MirrorStore> | null = null
    const openOnce: Opener = () => {
      opened ??= open().then((store) => wrapped(store, rate, settings.mirrorTries))
      return opened
    }
    return [
      {
        name,
        keeps,
        readBackEvery,
        prunes,
        // With ENCRYPT=all, too: archives from before that lie on the volume in clear.
        encryption: keeps === 'archives' ? encryption : null,
        open: openOnce,
      } satisfies Mirror,
    ]
  })
}

interface OwnSettings {
  readonly prunes: boolean
  readonly readBackEvery: number
  /** Bytes per second. */
  readonly rate: number | null
}

function ownSettings(settings: Settings, name: MirrorName): OwnSettings {
  const prunes = `${name}PruneBackups` as const
  const readBack = `${name}Readback` as const
  const rate = `${name}Rate` as const
  return {
    prunes: settings[prunes],
    readBackEvery: settings[readBack],
    rate: settings[rate]?.perSecond ?? null,
  }
}

function wrapped(store: MirrorStore, rate: number | null, most: number): MirrorStore {
  const { prune, removeLeftovers, mustExist, check } = store
  const limited = rate === null ? store : withRate(store, rate)
  return {
    ...withTries(limited, { most, firstPauseMs }),
    ...(prune === undefined ? {} : { prune: (signal) => prune(signal) }),
    ...(removeLeftovers === undefined
      ? {}
      : { removeLeftovers: (isOurs, signal) => removeLeftovers(isOurs, signal) }),
    ...(mustExist === undefined ? {} : { mustExist: (signal) => mustExist(signal) }),
    ...(check === undefined ? {} : { check: (signal) => check(signal) }),
  }
}

function notSetUp(name: MirrorName): Refusal {
  const variables = { ftp: 'FTP_URL', s3: 'S3_BUCKET', restic: 'RESTIC_REPOSITORY' } as const
  return new Refusal(`MIRRORS names ${name}, which is not set up.`, {
    reason: `${variables[name]} and what belongs to it are not set.`,
    advice: `Set them (docs/mirrors-${name}.md), or leave ${name} out of MIRRORS.`,
    exitStatus: 2,
  })
}
