import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseEnvironment, pick } from '../platform/index.ts'
import type { Problems } from './problems.ts'
import type { Settings } from './settings.ts'
import type { Environment, Variables } from './variables.ts'

/** What a restic store is opened with. */
interface ResticSettings {
  /** All that restic gets to see, its secrets too. */
  readonly environment: Readonly<Record<string, string>>
  readonly host: string
  readonly tags: readonly string[]
}

type Fields = 'resticRepository' | 'resticPassword' | 'resticHost' | 'resticTags' | 'resticCacheDir'

/** Null when no repository is configured. Nobody but restic gets this environment. */
export function resticSettingsOf(
  settings: Pick<Settings, Fields>,
  environment: Environment,
): ResticSettings | null {
  const { resticRepository, resticPassword, resticHost, resticTags, resticCacheDir } = settings
  if (resticRepository === null || resticPassword === null) return null
  return {
    environment: {
      ...baseEnvironment(environment),
      ...pick(environment, (name) => isForRestic(name)),
      RESTIC_REPOSITORY: resticRepository.reveal(),
      RESTIC_PASSWORD: resticPassword.reveal(),
      RESTIC_CACHE_DIR: resticCacheDir ?? join(tmpdir(), 'backup-container-restic'),
    },
    host: resticHost,
    tags: tagsIn(resticTags),
  }
}

/** Adds what is wrong with the variables of restic together. */
export function checkRestic(settings: Settings, variables: Variables, problems: Problems): void {
  const { resticRepository, resticPassword } = settings
  if (resticRepository === null) return
  if (resticPassword === null && !variables.isSet('RESTIC_PASSWORD')) {
    problems.add('RESTIC_PASSWORD', `${noPassword}${insteadOfCommand(variables)}`)
  }
  for (const tag of tagsIn(settings.resticTags).filter(isReserved)) {
    problems.add('RESTIC_TAGS', `Tags like "${tag}" are our own. Choose another name for it.`)
  }
}

const noPassword =
  'It is not set, but RESTIC_REPOSITORY is. Set it, or RESTIC_PASSWORD_FILE to the path of a file.'

/** It would be a shell command in a variable, run as often as restic is. */
function insteadOfCommand(variables: Variables): string {
  return variables.isSet('RESTIC_PASSWORD_COMMAND')
    ? ' RESTIC_PASSWORD_COMMAND is not run here.'
    : ''
}

function tagsIn(text: string | null): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

/** The store tells its files by them. */
function isReserved(tag: string): boolean {
  return /^(?:path|put|bytes)=/u.test(tag)
}

/** Ours reach it by the settings: with the file's value, or not at all. */
const own = /^RESTIC_(?:REPOSITORY|PASSWORD|HOST|TAGS|CACHE_DIR|RATE|READBACK|.*BACKUPS?)(?:_|$)/u
/** What the places of restic are reached with: its own names, and those of their libraries. */
const families = /^(?:RESTIC|AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE)_/u
const network = /^(?:https?_proxy|no_proxy|all_proxy|SSL_CERT_FILE|SSL_CERT_DIR|SSH_AUTH_SOCK)$/iu

function isForRestic(name: string): boolean {
  return (families.test(name) && !own.test(name)) || network.test(name)
}
