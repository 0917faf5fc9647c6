import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { debianBinDir } from '../../../test/support/postgres-server.ts'
import { runAsServerUser, serverUser } from '../../../test/support/unprivileged.ts'
import { temporaryFolder } from '../../../test/support/volume.ts'

export interface DefaultServer extends AsyncDisposable {
  /** libpq's variables. */
  readonly environment: Readonly<Record<string, string>>
}

/** What somebody gets who types `initdb` and `pg_ctl start`: every setting is PostgreSQL's own. */
export async function startDefaultServer(): Promise<DefaultServer> {
  const folder = temporaryFolder()
  const user = serverUser()
  if (user !== null) chownSync(folder.path, user.uid, user.gid)
  const [data, bin] = [folder.join('data'), debianBinDir()]
  const run = async (program: string, ...args: readonly string[]): Promise<string> =>
    await runAsServerUser([join(bin, program), ...args], { cwd: folder.path })
  await run('initdb', `--pgdata=${data}`, '--username=postgres', '--auth=trust')
  const place = `-c listen_addresses= -c unix_socket_directories=${folder.path}`
  const log = `--log=${folder.join('log')}`
  await run('pg_ctl', 'start', '--wait', '--silent', `--pgdata=${data}`, log, '-o', place)
  return {
    environment: { PGHOST: folder.path, PGUSER: 'postgres' },
    [Symbol.asyncDispose]: async () => {
      await run('pg_ctl', 'stop', '--mode=immediate', '--silent', `--pgdata=${data}`)
      await folder[Symbol.asyncDispose]()
    },
  }
}
