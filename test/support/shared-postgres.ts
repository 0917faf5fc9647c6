import { inject } from 'vitest'
import { connectionTo, type PostgresConnection } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Provided by global-setup.ts. */
    postgresPort: number
  }
}

/** The server that all test files share. Never stop it, never count its databases. */
export function sharedPostgres(): PostgresConnection {
  return connectionTo(inject('postgresPort'))
}
