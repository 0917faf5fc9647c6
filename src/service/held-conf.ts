import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Configuration, variablesInForce } from '../config/index.ts'
import { type Environment, isCode, processExists, writeFileDurably } from '../platform/index.ts'

/** Before the number of the process and what makes the name unique. */
const prefix = 'backup-container-conf-'
const modes = { file: 0o600, folder: 0o700 }

/**
 * The text of `backup.conf` that is in force, as a file for the jobs of a service: a job that starts
 * while the file is being edited, or is broken, backs up what the service said that it would.
 */
export class HeldConf implements AsyncDisposable {
  #folder: string | null = null
  #variables: Environment = {}

  /** What tells a job; nothing when there is no file, or no place to keep its text. */
  get variables(): Environment {
    return this.#variables
  }

  /** @throws the error of the file system, when there is no place for temporary files. */
  async hold({ confPath, confText }: Configuration): Promise<void> {
    this.#variables = {}
    if (confPath === null || confText === null) return
    this.#folder ??= await newFolder()
    const path = join(this.#folder, 'backup.conf')
    await writeFileDurably(path, confText.reveal(), modes)
    this.#variables = variablesInForce({ confPath, heldPath: path })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true })
  }
}

async function newFolder(): Promise<string> {
  await removeThoseOfTheDead()
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
}

/**
 * A killed service leaves its folder. One with our own number is of a life before ours, too: every
 * container begins to count at 1.
 */
async function removeThoseOfTheDead(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^(?<pid>\d+)-/u.exec(name.slice(prefix.length))?.groups?.['pid'])
    if (!name.startsWith(prefix) || Number.isNaN(pid)) continue
    if (pid !== process.pid && processExists(pid)) continue
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch((error: unknown) => {
      if (!isCode(error, 'EACCES', 'EPERM')) throw error
    })
  }
}
