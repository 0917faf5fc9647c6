import {
  type ConfiguredDatabase,
  type Credentials,
  type DatabaseSpec,
  Refusal,
} from '../../model/index.ts'
import { ProcessFailure } from '../../platform/index.ts'
import { SessionEnded, StatementFailure } from './session.ts'

/** A query that locks a thousand tables names them all. */
const longestQuery = 200

/** The message says already which server is meant. */
const whereItConnects =
  /^(?:psql|pg_dump|pg_dumpall): error: connection to server (?:at|on socket) .*? failed: /u

interface Explanation {
  readonly pattern: RegExp
  readonly reason: string
  readonly advice: (asked: Asked) => string
}

/** Who was asked, and where the user and password come from that were shown. */
interface Asked {
  readonly spec: DatabaseSpec
  /** For people: which settings to correct. */
  readonly login: string
  /** For people: where the server and the database are named. */
  readonly where: string
}

/** What libpq and pg_dump say, in the C locale, and what it means for our user. First match wins. */
const explanations: readonly Explanation[] = [
  {
    pattern: /could not translate host name|Name or service not known|name resolution/u,
    reason: 'No host of that name is known here',
    advice: ({ spec, where }) => `Correct the host "${spec.host}" ${where}, or its DNS entry.`,
  },
  {
    pattern: /Connection refused/u,
    reason: 'No server listens there',
    advice: ({ spec, where }) => `Start the server, or correct ${spec.host}:${spec.port} ${where}.`,
  },
  {
    pattern: /timeout expired|timed out|No route to host|Network is unreachable/u,
    reason: 'The server did not answer in time',
    advice: () =>
      'Check that the network (a NetworkPolicy, a firewall) lets us through; CONNECT_TIMEOUT sets the wait.',
  },
  {
    pattern: /password authentication failed|authentication failed for user/u,
    reason: 'The server rejected the user or the password',
    advice: ({ login }) => `Correct ${login}.`,
  },
  {
    pattern: /no password supplied/u,
    reason: 'The server asks for a password and none is configured',
    advice: ({ login }) => `Set ${login}.`,
  },
  {
    pattern: /role "[^"]*" does not exist/u,
    reason: 'The server does not know that user',
    advice: ({ login }) => `Create the user, or correct ${login}.`,
  },
  {
    pattern: /FATAL: {2}database ".*" does not exist/u,
    reason: 'The server has no database of that name',
    advice: ({ spec, where }) => `Create "${spec.database}", or correct the name ${where}.`,
  },
  {
    pattern: /no pg_hba\.conf entry|pg_hba\.conf rejects/u,
    reason: "The server's pg_hba.conf does not admit this user from here",
    advice: () => 'Add an entry for it to pg_hba.conf; if it wants TLS, set PGSSLMODE=require.',
  },
  {
    pattern: /the database system is (?:starting up|shutting down|in recovery mode)/u,
    reason: 'The server is starting or stopping',
    advice: () => 'Try again once it accepts connections.',
  },
  {
    pattern: /too many (?:connections|clients)|remaining connection slots/u,
    reason: 'The server has no connection left for us',
    advice: () => 'Raise max_connections, or end idle sessions.',
  },
  {
    // pg_dump --lock-wait-timeout is a statement timeout while it locks.
    pattern: /canceling statement due to (?:lock timeout|statement timeout[^]*LOCK TABLE)/u,
    reason: 'Somebody holds a lock on a table for longer than LOCK_TIMEOUT',
    advice: () => 'End the session that holds the lock (see pg_locks), or raise LOCK_TIMEOUT.',
  },
  {
    pattern: /canceling statement due to statement timeout/u,
    reason: 'The server ended our question after its statement_timeout',
    advice: () => 'Lift the timeout for this user: ALTER ROLE … SET statement_timeout = 0.',
  },
  {
    pattern: /FATAL: {2}permission denied for database/u,
    reason: 'The user may not connect to a database that it needs to',
    advice: () => 'Let it: GRANT CONNECT ON DATABASE (the one that the reason names) TO the user.',
  },
  {
    pattern: /permission denied/u,
    reason: 'The user lacks a right that the dump needs',
    advice: () => 'Grant it: from PostgreSQL 14 on, GRANT pg_read_all_data TO the user.',
  },
  {
    pattern: /server version mismatch/u,
    reason: 'pg_dump is older than the server',
    advice: () => "Use an image with the server's client version, or set PG_BIN_DIR.",
  },
  {
    pattern:
      /server closed the connection unexpectedly|connection to server was lost|SSL connection has been closed|could not receive data/u,
    reason: 'The connection was lost in the middle',
    advice: () => "Look into the server's log: it may have restarted, or run out of memory.",
  },
]

/** Where somebody logged in; `admin` did instead of the database's own user, unless it is null. */
type Login = Pick<ConfiguredDatabase, 'spec'> & {
  readonly admin?: Credentials | null
  /** The flag that named it; null: backup.conf did. Default: null. */
  readonly flag?: string | null
}

/** A Refusal in our user's words for a failed tool or session; anything else comes back as it is. */
export function explain(what: string, error: unknown, asked: Login): unknown {
  if (error instanceof ProcessFailure && error.stopReason === 'stalled') return stalled(what, error)
  const said = saidBy(error)
  if (said === null) return error
  const known = explanations.find(({ pattern }) => pattern.test(said))
  const reason = [known?.reason, errorLineOf(said)].filter((part) => part !== undefined)
  return new Refusal(what, {
    reason: reason.join(': '),
    advice: known?.advice(shownOf(asked)) ?? 'Put right what the reason names, then run it again.',
    cause: error,
  })
}

function shownOf({ spec, admin = null, flag = null }: Login): Asked {
  const login = admin === null ? credentialVariables(spec) : adminVariables(admin)
  return { spec, login, where: flag === null ? 'in backup.conf' : `after ${flag}` }
}

function stalled(what: string, cause: ProcessFailure): Refusal {
  return new Refusal(what, {
    reason: `${cause.message}.`,
    advice: 'Look for a hung server or network; STALL_TIMEOUT sets how long silence is borne.',
    cause,
  })
}

/** What a failure's tools wrote, or null when it was no failure of a tool. */
function saidBy(error: unknown): string | null {
  if (error instanceof StatementFailure) return error.message
  if (error instanceof SessionEnded) {
    return error.late ? 'timeout expired' : error.ending.stderr.join('\n') || error.message
  }
  if (error instanceof ProcessFailure) {
    return [
      ...error.ending.stderr,
      ...(error.ending.stderr.length > 0 ? [] : [error.message]),
    ].join('\n')
  }
  return null
}

/** The line that names the failure, and the query where there is one: it names the table. */
function errorLineOf(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const query = lines.findLast((line) => line.includes('query was:'))
  const error = lines.findLast((line) => /error:|ERROR:|FATAL:/u.test(line) && line !== query)
  return [error ?? lines.at(-1) ?? '', query?.slice(0, longestQuery)]
    .filter((line) => line !== undefined)
    .join('; ')
    .replace(whereItConnects, '')
}

/** `<HOST>_USER/_PASSWORD` and its fallbacks (design section 3). */
function credentialVariables(spec: DatabaseSpec): string {
  const prefix = spec.host.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '_')
  // No shell can export a name that begins with a digit.
  if (/^\d/u.test(prefix)) return 'DATABASE_USER and DATABASE_PASSWORD'
  return `${prefix}_USER and ${prefix}_PASSWORD (or DATABASE_USER and DATABASE_PASSWORD)`
}

/** The password may also have been typed, or come after -a. */
function adminVariables({ user }: Credentials): string {
  return `the admin password (ADMIN_PASSWORD) or ADMIN_USER (now ${user ?? 'not set'})`
}
