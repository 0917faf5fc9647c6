import {
  type DumpOrder,
  type EngineContext,
  engineOf,
  type PreparedDump,
} from '../../src/engines/index.ts'
import { type ConfiguredDatabase, Secret } from '../../src/model/index.ts'
import { runPipeline } from '../../src/platform/index.ts'
import type { Login } from './postgres-server.ts'

/** A database as the configuration would name it. */
export function configured(
  server: { readonly host: string; readonly port: number },
  database: string,
  { user, password }: Login,
): ConfiguredDatabase {
  const written = `${server.host}:${server.port}/${database}`
  return {
    spec: { engine: 'postgres', host: server.host, port: server.port, database, written },
    core: 'core',
    credentials: { user, password: new Secret(password) },
    options: {},
  }
}

export function contextWith(changes: Partial<EngineContext> = {}): EngineContext {
  const { PATH } = process.env
  return {
    environment: { PATH },
    connectTimeoutSeconds: 3,
    lockTimeoutSeconds: 5,
    fingerprint: 'rows',
    binDir: null,
    signal: new AbortController().signal,
    ...changes,
  }
}

export async function prepare(
  database: ConfiguredDatabase,
  changes: Partial<EngineContext> = {},
  order: Partial<DumpOrder> = {},
): Promise<PreparedDump> {
  return await engineOf(database).prepareDump(database, contextWith(changes), {
    format: 'plain',
    jobs: 2,
    codec: 'gzip',
    level: null,
    scratchFolder: '/nowhere',
    ...order,
  })
}

/** Runs a prepared dump; `onFirst` is called when its first byte is there. */
export async function dumpText(
  dump: PreparedDump,
  onFirst: () => void = () => {},
): Promise<string> {
  const { signal } = new AbortController()
  return await runPipeline(
    [dump.command],
    async (output) => {
      const chunks: Buffer[] = []
      for await (const chunk of output) {
        if (chunks.length === 0) onFirst()
        chunks.push(chunk)
      }
      return Buffer.concat(chunks).toString()
    },
    { signal },
  )
}
