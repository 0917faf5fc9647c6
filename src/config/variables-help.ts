import { mayBeFile } from './setting-kinds.ts'
import { settingGroups } from './settings-table.ts'

const indent = 27
const width = 98

/** The variables for `--help`, in groups, with their defaults; at most 98 columns wide. */
export function variablesHelp(): string {
  const groups = settingGroups.map(({ title, rows }) => {
    const lines = Object.entries(rows).flatMap(([name, { about, fallback, kind }]) => {
      const given = fallback === null || fallback === '' ? '' : ` [${fallback}]`
      return columns(mayBeFile(kind) ? `${name}*` : name, about + given)
    })
    return [`${title}:`, ...lines].join('\n')
  })
  return `${groups.join('\n\n')}\n\n${ending}\n`
}

const ending = `Empty is unset. * DATABASE_PASSWORD_FILE may name a file that holds the value, and so for each of
these. User and password of one host: <HOST>_USER* and <HOST>_PASSWORD*, as WALLET_DB_USER.`

function columns(name: string, words: string): string[] {
  const [first = '', ...rest] = wrapped(words, width - indent - 2)
  const left = `  ${name.padEnd(indent - 2)}  `
  return [left + first, ...rest.map((line) => ' '.repeat(left.length) + line)]
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${line} ${word}`
    } else {
      lines.push(word)
    }
  }
  return lines
}
