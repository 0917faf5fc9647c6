import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { styleText } from 'node:util'
import { environmentFor, launcher } from '../../../test/support/appliance.ts'

export interface Stage {
  /** Where `backup.conf` is. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

export function explain(text: string): void {
  console.log(`\n${styleText('cyan', `# ${text}`)}`)
}

/** Shows a command as a user would type it, and runs it before everybody's eyes. */
export async function show(
  stage: Stage,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const shown = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  console.log(styleText('bold', `$ ${[...shown, 'backup.sh', ...args].join(' ')}`))
  await run(stage, args, { variables })
}

/** A line of shell in the demo's folder, shown and run. */
export async function showShell(
  folder: string,
  line: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  console.log(styleText('bold', `$ ${line}`))
  const child = spawn('bash', ['-c', line], {
    cwd: folder,
    env: environmentFor({ env: variables }),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await once(child, 'close')
}

export interface Circumstances {
  readonly variables?: Readonly<Record<string, string>>
  readonly at?: Date
  readonly quiet?: boolean
}

export async function run(
  { folder, environment }: Stage,
  args: readonly string[],
  { variables = {}, at, quiet = false }: Circumstances = {},
): Promise<void> {
  const { TERM, NO_COLOR, COLORTERM } = process.env
  const env = { TERM, NO_COLOR, COLORTERM, HOME: dirname(folder), ...environment, ...variables }
  const child = spawn(launcher, args, {
    cwd: folder,
    env: environmentFor({ env, ...(at === undefined ? {} : { at }) }),
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
  })
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`backup.sh ${args.join(' ')} ended with status ${status}.`)
}
