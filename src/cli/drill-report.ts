import type { Backup, Manifest, Phase, Verification } from '../model/index.ts'
import { isProof, type VerifyResult } from '../operations/index.ts'
import { elapsedText, prettySize } from './format.ts'
import { objectsText } from './objects-text.ts'

/** Who did the drill, and when. */
export interface DrillContext {
  readonly at: Date
  readonly host: string
  readonly command: string
}

type Row = readonly [string, string]

interface Section {
  readonly title: string
  readonly rows: readonly Row[]
  readonly phases: readonly Row[]
  readonly differences: readonly string[]
}

const bytesPerGigabyte = 1e9

/** A page of evidence that backups can be restored, and how long that takes; Markdown or HTML. */
export function drillReport(
  results: readonly VerifyResult[],
  context: DrillContext,
  format: 'markdown' | 'html',
): string {
  const sections = results.map(sectionOf)
  const good = results.filter(isProof).length
  const summary: readonly Row[] = [
    ['Date', context.at.toISOString()],
    ['Machine', context.host],
    ['Command', context.command],
    ['Result', `${good} of ${results.length} backups verified by restoring them`],
  ]
  return format === 'html' ? html(summary, sections) : markdown(summary, sections)
}

function sectionOf({
  database,
  backup,
  verification,
  newestBad,
  elapsedMs,
}: VerifyResult): Section {
  const { verdict, differences, phases = [] } = verification
  return {
    title: database.spec.written,
    rows: [
      ['Verdict', verdict.replaceAll('-', ' ')],
      ...(backup === null ? [] : backupRows(backup)),
      ...restoredRows(verification, backup?.manifest ?? null),
      ['Duration', elapsedText(elapsedMs)],
    ],
    phases: phases.map(({ name, ms }) => [name, `${(ms / 1000).toFixed(1)} s`]),
    differences: [...(newestBad === null ? [] : [newestBad]), ...differences],
  }
}

function backupRows({ path, takenAt, bytes, manifest }: Backup): readonly Row[] {
  const sealed: readonly Row[] =
    manifest === null
      ? []
      : [
          ['SHA-256', manifest.sha256],
          ['Dumped from', `PostgreSQL ${manifest.serverVersion}`],
        ]
  return [
    ['Backup', path],
    ['Taken', takenAt.toISOString()],
    ['Size of the archive', prettySize(bytes)],
    ...sealed,
  ]
}

/** Nothing, where nothing was restored. */
function restoredRows(verification: Verification, manifest: Manifest | null): readonly Row[] {
  const { serverVersion, databaseBytes, tables, phases = [] } = verification
  if (serverVersion === undefined || databaseBytes === undefined || tables === undefined) return []
  return [
    ['Restored on', `PostgreSQL ${serverVersion}, a scratch server`],
    ['Size when restored', prettySize(databaseBytes)],
    ['Compared', comparedText(verification, manifest)],
    ['Compared by name', objectsText(verification) ?? notListed(manifest)],
    ['Restore time per GB', rateText(databaseBytes, phases)],
  ]
}

function comparedText(
  { tables = 0, rows = 0, rowsCompared = true }: Verification,
  manifest: Manifest | null,
): string {
  if (!rowsCompared) {
    return `no rows (${rows} in ${tables} tables were only counted); validity of indexes and constraints`
  }
  const withWhat = manifest === null ? "the archive's own rows" : "the dump's own snapshot"
  const content = manifest?.fingerprint.mode === 'content' ? ' and the content of every table' : ''
  return `${rows} rows in ${tables} tables${content}, with ${withWhat}; values of sequences, validity of indexes and constraints`
}

/** Nothing but tables was recorded by a version before this, with FINGERPRINT=off, or elsewhere. */
function notListed(manifest: Manifest | null): string {
  return manifest?.fingerprint.objects == null
    ? 'nothing else, because the backup does not say what was in the database'
    : 'nothing else, because nothing else was in the database'
}

/** What a person needs to guess the time of a real restore: checking and loading, per restored GB. */
function rateText(databaseBytes: number, phases: readonly Phase[]): string {
  const spent = phases
    .filter(({ name }) => name === 'check' || name === 'restore')
    .reduce((sum, { ms }) => sum + ms, 0)
  const perGigabyte = spent / 1000 / (databaseBytes / bytesPerGigabyte)
  return `${perGigabyte.toFixed(1)} s, on this machine`
}

function markdown(summary: readonly Row[], sections: readonly Section[]): string {
  const lines = ['# Restore drill', '', ...table(['', ''], summary)]
  for (const { title, rows, phases, differences } of sections) {
    lines.push('', `## ${cell(title)}`, '', ...table(['', ''], rows))
    if (phases.length > 0) lines.push('', ...table(['Phase', 'Time'], phases))
    if (differences.length > 0) lines.push('', 'Differences and exceptions:', '')
    lines.push(...differences.map((text) => `- ${cell(text)}`))
  }
  return `${lines.join('\n')}\n`
}

function table([left, right]: Row, rows: readonly Row[]): readonly string[] {
  return [
    `| ${left} | ${right} |`,
    '|---|---|',
    ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`),
  ]
}

/** Names of tables may hold anything; none of it is markup here. */
function cell(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/gu, (sign) => `\\${sign}`).replaceAll(/\s+/gu, ' ')
}

function html(summary: readonly Row[], sections: readonly Section[]): string {
  const parts = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Restore drill</title>',
    '<style>body{font:15px sans-serif;max-width:60em;margin:2em auto}td{padding:.2em 1em .2em 0;vertical-align:top}</style>',
    `</head><body><h1>Restore drill</h1>${htmlTable(summary)}`,
  ]
  for (const { title, rows, phases, differences } of sections) {
    parts.push(`<h2>${escaped(title)}</h2>`, htmlTable(rows))
    if (phases.length > 0) parts.push('<h3>Phases</h3>', htmlTable(phases))
    if (differences.length === 0) continue
    const items = differences.map((text) => `<li>${escaped(text)}</li>`)
    parts.push(`<h3>Differences and exceptions</h3><ul>${items.join('')}</ul>`)
  }
  return `${parts.join('\n')}\n</body></html>\n`
}

function htmlTable(rows: readonly Row[]): string {
  const cells = rows.map(
    ([name, value]) => `<tr><td>${escaped(name)}</td><td>${escaped(value)}</td></tr>`,
  )
  return `<table>${cells.join('')}</table>`
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
