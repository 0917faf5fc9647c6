import { accountOf, Secret } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import type { Problems } from './problems.ts'
import { settingsTable } from './settings-table.ts'
import type { Environment, ReadFile, Variables } from './variables.ts'

export type ConfFile = Pick<Configuration, 'confPath' | 'confText'>

const noFile: ConfFile = { confPath: null, confText: null }

/** Beside the commands in the image, whatever the working directory is. */
const confOfImage = '/backup.conf'

const unreadable = 'Make it a file that this user can read.'
const missing =
  'Create it, correct the path, or unset the variable to describe one database in the environment.'

interface Sources {
  readonly variables: Variables
  readonly readFile: ReadFile
  readonly problems: Problems
}

/** The file that is set; or the default one, which may be missing. */
export async function findConf({ variables, readFile, problems }: Sources): Promise<ConfFile> {
  const configured = variables.valueOf('BACKUP_CONF')
  const paths =
    configured === null ? [settingsTable.BACKUP_CONF.fallback, confOfImage] : [configured]
  for (const path of paths) {
    try {
      const held = heldInsteadOf(path, variables)
      const text = (held === null ? null : await readFile(held)) ?? (await readFile(path))
      if (text !== null) return { confPath: path, confText: new Secret(text) }
    } catch (error) {
      problems.add(path, `It cannot be read (${accountOf(error).message}). ${unreadable}`)
      return noFile
    }
  }
  if (configured !== null) problems.add('BACKUP_CONF', `There is no file ${configured}. ${missing}`)
  return noFile
}

/**
 * What makes a job read, in place of the file `confPath`, the text at `heldPath`, which the service
 * has in force. A job that names another file with BACKUP_CONF reads that one.
 */
export function variablesInForce(conf: {
  readonly confPath: string
  readonly heldPath: string
}): Environment {
  return {
    BACKUP_CONF: conf.confPath,
    BACKUP_CONF_HELD: conf.confPath,
    BACKUP_CONF_HELD_AS: conf.heldPath,
  }
}

function heldInsteadOf(path: string, variables: Variables): string | null {
  return variables.valueOf('BACKUP_CONF_HELD') === path
    ? variables.valueOf('BACKUP_CONF_HELD_AS')
    : null
}
