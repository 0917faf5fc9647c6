import { createHash } from 'node:crypto'
import type { Notice } from '../model/index.ts'
import { type Content, contentOf, directions, printable } from './email-content.ts'
import { titles } from './email-figures.ts'
import { htmlOf } from './email-html.ts'
import type { EmailAddress, EmailOptions } from './email-options.ts'

/** One e-mail, as nodemailer takes it. */
export interface EmailMessage {
  readonly from: EmailAddress
  readonly to: EmailAddress[]
  readonly subject: string
  readonly date: Date
  readonly messageId: string
  readonly text: string
  readonly html: string
  readonly priority: 'high' | 'normal'
  readonly headers: Readonly<Record<string, string>>
  readonly xMailer: false
}

/** The same notice always becomes the same e-mail, so that servers recognise one that is sent again. */
export function emailOf(notice: Notice, { from, to, environment }: EmailOptions): EmailMessage {
  const content = contentOf(notice, environment)
  return {
    from,
    to: [...to],
    subject: subjectOf(notice, environment),
    date: notice.at,
    messageId: messageIdOf(notice, from, environment),
    text: textOf(content),
    html: htmlOf(content),
    priority: notice.level === 'ERROR' ? 'high' : 'normal',
    // So that nobody's absence note comes back (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    xMailer: false,
  }
}

const longestSubject = 200

/** `ERROR [Production] Backup failed: wallet-db/app`, on one line whatever it is made of. */
function subjectOf({ level, kind, spec, figures }: Notice, environment: string | null): string {
  const place = environment === null ? '' : ` [${environment}]`
  const about = spec === null ? countOfFailed(figures) : `: ${spec}`
  const line = `${level}${place} ${titles[kind]}${about}`
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(directions, '')
  return line.length <= longestSubject
    ? line
    : `${line.slice(0, longestSubject - 1).replace(/\p{Surrogate}$/u, '')}…`
}

/** Of a summary: whether one looks now or tomorrow. */
function countOfFailed({ databases = [] }: Notice['figures']): string {
  const failed = databases.filter(({ ok }) => !ok).length
  return failed === 0 ? '' : `: ${failed} of ${databases.length} failed`
}

function messageIdOf(
  { kind, at, spec, message }: Notice,
  { address }: EmailAddress,
  environment: string | null,
): string {
  const identity = JSON.stringify([kind, at.getTime(), spec, message, environment])
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 40)
  const domain = URL.parse(`http://${address.slice(address.lastIndexOf('@') + 1)}`)?.hostname
  return `<${hash}@${domain ?? 'localhost'}>`
}

function textOf({ title, message, rows, table }: Content): string {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2
  const figures = rows.map(([label, value]) =>
    `${label}:`.padEnd(width).concat(value.replaceAll('\n', `\n${' '.repeat(width)}`)),
  )
  const databases = table === null ? [] : [columnsOf(table), '']
  return [title, '', message, '', ...databases, ...figures, ''].join('\n')
}

/** Columns with blanks between; the last may be of any length. */
function columnsOf({ heading, rows }: NonNullable<Content['table']>): string {
  const lines = [heading, ...rows.map(({ cells }) => cells.map((cell) => onOneLine(cell)))]
  const widths = heading.map((_name, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function onOneLine(text: string): string {
  return printable(text).replaceAll(/\s+/gu, ' ')
}
