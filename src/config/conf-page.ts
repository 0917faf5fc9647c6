/** The part of `docs/configuration.md` about the file; tests read every example in it. */
export const confPage = `## The file backup.conf

\`BACKUP_CONF\` names the file; it must then exist. Otherwise \`backup.conf\` in the working
directory is read, or \`/backup.conf\`. When there is none, or when it names no database at all, the
variables \`DATABASE_SERVICE_NAME\`, \`POSTGRESQL_PORT_NUM\` and \`POSTGRESQL_DATABASE\` describe one
database.

\`\`\`conf
# Which databases there are, in the order in which they are backed up.
postgres=postgresql:5432/TheOrgBook_Database
wallet-db/tob_holder

# When something happens.
0 1 * * * default ./backup.sh -s
0 4 * * * default ./backup.sh -s -v all

# Options of one database.
[wallet-db/tob_holder]
name = wallet
\`\`\`

Surrounding blanks, Windows line ends and a byte-order mark do no harm. Lines that begin with \`#\`
are comments. Databases, schedules and assignments stand above the first section.

### Databases

\`[<type>=]<host>[:<port>]/<database>[?<option>=<value>&…]\`

| Part | What it may be |
|---|---|
| type | \`postgres\`, \`mariadb\`, \`mysql\`, \`mongo\` or \`mssql\`, in any case; \`postgresql\` is \`postgres\`. Without it: PostgreSQL |
| host | a name (\`wallet-db\`, \`db.example.org\`), an IPv4 address, or an IPv6 address in brackets |
| port | 1 to 65535. Without it: \`POSTGRESQL_PORT_NUM\`, or the usual port of the other types |
| database | any characters; \`/\`, \`?\`, \`%\` and a blank before \`#\` are written \`%2F\`, \`%3F\`, \`%25\`, \`%20\` |

\`\`\`conf
db.example.org/shop             # a comment needs a blank before its "#"
10.1.2.3:5433/shop
[2001:db8::7]:5432/shop
postgres=wallet-db/orders%2F2026
wallet-db/Grüße aus Köln?name=greetings
\`\`\`

A line whose type this container does not have is skipped with a warning and changes no exit
status, so containers can share one file. A database that is named twice is backed up once, with a
warning.

On the command line (\`--only\`, \`-r\`) type and port may be left out when the rest says which
configured database is meant.

### Options

An option stands behind the database as \`?name=value\`, or in a section that begins with the
database in brackets and ends with the next section or the file. A section is read as an INI file
is: \`#\` and \`;\` begin a comment, values may be in quotes.

| Option | What it does |
|---|---|
| \`name\` | The name of the database in file names, instead of \`<host>-<database>\`: letters, digits, \`_\`, \`.\` and \`-\`. For two databases that would share a name (two ports of a host), and for names that are too long |
| \`format\` | \`plain\`, \`custom\` or \`directory\`: what \`FORMAT\` says for all |
| \`jobs\` | Connections of a directory dump, a restore or a verification: what \`JOBS\` says for all |
| \`frequency\` | \`daily\`, \`weekly\`, \`none\`, or hours such as \`6h\`: what \`BACKUP_FREQUENCY\` says for all |
| \`verifySchema\` | A schema that must have a table for a verification to succeed: what \`TABLE_SCHEMA\` says for all |
| \`numBackups\`, \`keepDailies\`, \`maxAge\` … | What is kept of this database: every variable of retention, see [retention.md](retention.md) |

### Frequencies

A frequency is both: scheduled cycles (\`-s\`) skip a database that is not due yet, and \`--status\`
calls it late when its newest good backup is older than that and \`LATE_AFTER\`. \`-1\` and
\`--only\` always back up.

\`\`\`conf
wallet-db/tob_holder
wallet-db/archive
wallet-db/scratch

0 1 * * * default ./backup.sh -s

[wallet-db/archive]
frequency = weekly

[wallet-db/scratch]
frequency = none
\`\`\`

What is \`daily\`, or of so many hours, is due that long after the last good backup of a scheduled
cycle, and taken by the last cycle within that time (of nightly cycles, \`36h\` is every night: after
two it would be too old). A cycle may begin an eighth of its distance earlier than the last time. What is
\`weekly\` is due in the first cycle on \`WEEKLY_DAY\`, in the time zone of \`TZ\`; a week whose day
was missed is made up for in the next cycle. One that never had a backup is due at once. Backups taken
by hand do not move this rhythm. Without a
frequency each scheduled cycle backs up, and \`--status\` judges by the schedule.

### Formats

A plain dump is SQL as text: any psql can restore it, and tools can look for a word in it. The
others are for pg_restore. \`custom\` makes one file that ends in \`.dump\`. \`directory\` is
dumped over several connections; it needs room on the volume for itself twice, because it is stored
as one file that ends in \`.dir.tar\`. Both compress inside the file with the method of
\`COMPRESSION\` (zstd from the tools of PostgreSQL 16 on, zlib before), and keep the roles of the
server in the manifest.

### Schedules

Five fields, or \`@every 2h\`, or one of \`@hourly\`, \`@daily\`, \`@midnight\`, \`@weekly\`,
\`@monthly\`, \`@yearly\`, \`@annually\`; then a user; then a command. The command is everything to
the end of the line, \`#\` included. It is for \`sh\` and may be anything. [service.md](service.md) says
how schedules are followed. A schedule that never comes, such as day 31 of February, is a mistake.

\`\`\`conf
*/30 8-18 * * mon-fri default ./backup.sh -s
@every 6h default ./backup.sh -s && echo done # this is part of the command
\`\`\`

### Assignments

\`NAME=value\`, with an upper-case name and no blanks around the \`=\`, is handed to the commands of
the schedule as an environment variable. The value must not read as a database, because
\`POSTGRE=db/app\` is a typing mistake and no variable; only \`TZ\` may. When commands start follows
the \`TZ\` of the container, not this one. A schedule behind an assignment
on the same line is refused. \`SHELL\` names another shell than \`sh\`.

\`\`\`conf
TZ=America/Vancouver
PGSSLMODE=require
\`\`\``
