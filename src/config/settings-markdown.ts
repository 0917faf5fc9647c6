import { confPage } from './conf-page.ts'
import { kindWords, mayBeFile } from './setting-kinds.ts'
import type { Row } from './setting-row.ts'
import { settingGroups } from './settings-table.ts'

/** `docs/configuration.md`, byte for byte. */
export function settingsMarkdown(): string {
  const groups = settingGroups.map(({ title, rows }) =>
    [`### ${title}`, '', ...tableOf(rows)].join('\n'),
  )
  return `${[opening, confPage, variablesIntroduction, ...groups].join('\n\n')}\n`
}

const opening = `# Configuration

<!-- Made from src/config/settings-table.ts by "npm run docs". -->

backup-container is configured by environment variables and by one file, \`backup.conf\`. The
variables say how backups are made, kept and protected; the file says which databases there are
and when something is to happen. For a single database the file is not needed.

\`backup.sh -c\` shows what was understood, with secrets as \`***\`. A mistake is never guessed
around: every mistake of the environment and of the file is reported at once, with its variable or
its file and line and with what to write instead. The exit status is then 2, and nothing was
touched.`

const variablesIntroduction = `## Environment variables

- An empty value is the same as none.
- Numbers are decimal: \`08\` is eight.
- Durations are \`90\` (seconds), \`30m\`, \`1h30m\` or \`1d\`.
- A variable marked with † may be given as a file instead: \`DATABASE_PASSWORD_FILE=/secrets/password\`
  reads the value from that file. One line end at the end of the file is cut off, everything else
  counts, byte for byte. To set both, or to name a file that is missing or empty, is a mistake.

### Credentials

User and password of a database are looked for in this order, each on its own:

1. \`<HOST>_USER\` † and \`<HOST>_PASSWORD\` †. \`<HOST>\` is the host of the database in upper
   case, where every character outside A-Z and 0-9 becomes \`_\`: \`WALLET_DB_USER\` for the host
   \`wallet-db\`, \`DB_EXAMPLE_ORG_PASSWORD\` for \`db.example.org\`. All databases of a host share
   them.
2. \`DATABASE_USER\` and \`DATABASE_PASSWORD\`.
3. \`POSTGRESQL_USER\` and \`POSTGRESQL_PASSWORD\`.

Where none is set, libpq decides: \`PGUSER\`, \`.pgpass\`, a service file.`

function tableOf(rows: Readonly<Record<string, Row>>): string[] {
  return [
    '| Variable | Default | Value | What it does |',
    '|---|---|---|---|',
    ...Object.entries(rows).map(([name, { kind, fallback, about }]) => {
      const mark = mayBeFile(kind) ? ' †' : ''
      const given = fallback === null || fallback === '' ? 'unset' : `\`${fallback}\``
      return `| \`${name}\`${mark} | ${given} | ${kindWords[kind].expects} | ${inCode(about)} |`
    }),
  ]
}

/** Names, flags and file endings read better as code, and `<HOST>` would be an element of HTML. */
function inCode(text: string): string {
  const names = /<HOST>_[A-Z]+|\b[A-Z]+(?:_[A-Z]+)+\b|\bPGPORT\b|\bpg_dump\b/u
  const words = /(?<= )(?:--?[a-z]+|\.sql(?:\.[a-z]+)?)\b/u
  return text.replaceAll(new RegExp(`${names.source}|${words.source}`, 'gu'), '`$&`')
}
