import { type Configuration, maskedSettings, withoutUserInfo } from '../config/index.ts'
import { availableEngines } from '../engines/index.ts'
import { localStampOf, tierAt } from '../model/index.ts'
import { describePolicy } from '../retention/index.ts'
import { two } from './format.ts'
import type { Screen } from './screen.ts'
import { showNotices } from './settings-of-notices.ts'

export interface SettingsView {
  readonly configuration: Configuration
  /** `once`, `scheduled`, `cron`, `legacy`, `prune` ... (contract 7.2). */
  readonly mode: string
  readonly now: Date
}

/** The original's block of settings (contract 7.2): what `-c` shows and every cycle begins with. */
export function showSettings(screen: Screen, view: SettingsView): void {
  screen.say('Settings:', 'blue')
  screen.say(`- Run mode: ${view.mode}`)
  screen.say()
  showKeeping(screen, view)
  showSchedule(screen, view)
  showDatabases(screen, view)
  showServices(screen, view)
  if (view.mode === view.configuration.mode) {
    showService(screen, view.configuration)
    showCopies(screen, view.configuration)
    showNotices(screen, view.configuration.settings)
  }
}

function showKeeping(screen: Screen, { configuration, now, mode }: SettingsView): void {
  const { settings } = configuration
  const { backupStrategy: strategy, numBackups: total } = settings
  const daily = settings.dailyBackups
  const weekly = settings.weeklyBackups
  const monthly = settings.monthlyBackups
  const tier = tierAt(now, strategy, { total, daily, weekly, monthly })
  const folder = [tier, localStampOf(now).date].filter((part) => part !== null).join('/')
  screen.say(`- Backup strategy: ${strategy}`)
  screen.say(`- Current backup type: ${tier ?? 'flat daily'}`)
  screen.say('- Backups to retain:')
  const counts =
    tier === null
      ? [`Total: ${total}`]
      : [`Daily: ${daily}`, `Weekly: ${weekly}`, `Monthly: ${monthly}`]
  for (const line of ownRules(configuration) ?? counts) screen.say(`  - ${line}`)
  for (const line of rulesOfDatabases(configuration)) screen.say(`  - ${line}`)
  screen.say(`- Current backup folder: ${settings.backupDir.replace(/\/*$/u, '')}/${folder}/`)
  if (mode === 'cron' || mode === 'scheduled') screen.say(`- Time Zone: ${zoneText(now)}`)
}

/** null: the strategy's counts are all there is. */
function ownRules(configuration: Configuration): readonly string[] | null {
  const { settings } = configuration
  const policy = configuration.policyOf({ options: {} }, 'volume')
  const { keepLast, backupStrategy: strategy } = settings
  const [first, ...others] = policy.rules
  const isCounts =
    others.length === 0 && first?.kind === (strategy === 'daily' ? 'newest' : 'tiers')
  return isCounts && keepLast === null ? null : describePolicy(policy)
}

/** Of databases that differ from the others. */
function rulesOfDatabases({ policyOf, databases }: Configuration): readonly string[] {
  const usual = describePolicy(policyOf({ options: {} }, 'volume')).join(', ')
  return databases.flatMap((database) => {
    const own = describePolicy(policyOf(database, 'volume')).join(', ')
    return own === usual ? [] : [`${database.spec.written}: ${own}`]
  })
}

function showSchedule(screen: Screen, { configuration, mode }: SettingsView): void {
  if (mode === 'once') return
  const { schedule, settings } = configuration
  screen.say()
  screen.say('- Schedule:')
  const lines = schedule.map(({ text }) => text)
  const period = configuration.mode === 'legacy' ? [settings.backupPeriod.written] : []
  for (const line of [...period, ...lines]) screen.say(`  - ${line}`)
}

/** What the service and its jobs go by, beside their times. */
function showService(screen: Screen, { settings }: Configuration): void {
  const { backupFrequency, lockWait, httpPort } = settings
  screen.say()
  screen.say(`- Frequency: ${backupFrequency?.written ?? 'each cycle'}`)
  screen.say(`- Late after: ${settings.lateAfter.written}`)
  screen.say(`- Job timeout: ${settings.jobTimeout.written}`)
  screen.say(`- Lock wait: ${lockWait?.written ?? '1h for scheduled runs, none for others'}`)
  screen.say(`- Catch up: ${settings.catchUp.written}`)
  screen.say(`- Pages: ${httpPort === 0 ? 'none' : `port ${httpPort}`}`)
  screen.say(`- Log format: ${settings.logFormat}`)
}

/** Where copies go, and who can open what is stored; only `-c` has it, beside the original's lines. */
function showCopies(screen: Screen, { settings, encryption }: Configuration): void {
  const { mirrors, resticRepository, s3Bucket, s3Prefix, ftpUrl } = settings
  const places = [
    ...(ftpUrl === null ? [] : ['ftp']),
    ...(s3Bucket === null
      ? []
      : [`s3 (${[s3Bucket, s3Prefix ?? ''].join('/').replace(/\/$/u, '')})`]),
    ...(resticRepository === null ? [] : ['restic']),
  ]
  screen.say(`- Set up for copies: ${places.length === 0 ? 'none' : places.join(', ')}`)
  screen.say(`- Mirrors: ${mirrors === null ? 'all that are set up' : mirrors.join(', ')}`)
  screen.say(`- Mirror grace: ${settings.mirrorGrace.written}`)
  screen.say(`- Encryption: ${encryptionText(encryption, settings.encrypt)}`)
}

function encryptionText(keys: Configuration['encryption'], scope: string): string {
  if (keys === null) return 'none'
  const where = scope === 'all' ? 'volume and copies' : 'copies'
  if (keys.kind === 'passphrase') return `${where}, with a passphrase`
  return `${where}, to ${keys.recipients.length} recipients`
}

function showDatabases(screen: Screen, { configuration }: SettingsView): void {
  screen.say()
  screen.say(`- Container Type: ${availableEngines.join(', ')}`)
  screen.say('- Databases (filtered by container type):')
  for (const { spec } of configuration.databases) screen.say(`  - ${spec.written}`)
  if (configuration.databases.length === 0) screen.say('  - none')
  if (configuration.skipped.length === 0) return
  screen.say('- Skipped (not for this container):')
  for (const { written, reason } of configuration.skipped) screen.say(`  - ${written}: ${reason}`)
}

function showServices(screen: Screen, { configuration }: SettingsView): void {
  const { settings } = configuration
  const rows = [
    ['FTP server', settings.ftpUrl],
    ['S3 endpoint', settings.s3Endpoint],
    ['Webhook Endpoint', settings.webhookUrl],
    ['Environment Friendly Name', settings.environmentFriendlyName],
    ['Environment Name (Id)', settings.environmentName],
  ] as const
  screen.say()
  for (const [label, value] of rows) {
    if (value === null) screen.say(`- ${label}: not configured`, 'yellow')
    else screen.say(`- ${label}: ${withoutUserInfo(String(value))}`)
  }
}

interface SettingsDocument {
  readonly settings: Readonly<Record<string, unknown>>
  readonly databases: readonly string[]
  readonly skipped: readonly { readonly spec: string; readonly reason: string }[]
  readonly schedule: readonly string[]
}

/** The shape of `-c --json` (design section 3). */
export function settingsDocument({ configuration }: SettingsView): SettingsDocument {
  return {
    settings: maskedSettings(configuration.settings),
    databases: configuration.databases.map(({ spec }) => spec.written),
    skipped: configuration.skipped.map(({ written, reason }) => ({ spec: written, reason })),
    schedule: configuration.schedule.map(({ text }) => text),
  }
}

/** `PST -0800`, as date(1) writes zone and offset. */
function zoneText(now: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(now)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const minutes = -now.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${name} ${minutes < 0 ? '-' : '+'}${two(size / 60)}${two(size % 60)}`
}
