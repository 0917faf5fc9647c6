import type { Notice } from '../model/index.ts'
import { databaseTable, errorRows, figureRows, titles } from './email-figures.ts'

/** What text and HTML are made of. */
export interface Content {
  readonly notice: Notice
  readonly title: string
  readonly message: string
  /** Label and value. */
  readonly rows: readonly (readonly [label: string, value: string])[]
  readonly table: ReturnType<typeof databaseTable> | null
}

export function contentOf(notice: Notice, environment: string | null): Content {
  const { kind, level, at, spec, figures } = notice
  const message = printable(notice.message)
  const rows: readonly (readonly [string, string])[] = [
    ...(spec === null ? [] : [['Database', spec] as const]),
    ...figureRows(figures),
    ...errorRows(figures.error, notice.message),
    ...(environment === null ? [] : [['Environment', environment] as const]),
    ['Level', level],
    ['Time', `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`],
  ]
  const databases = figures.databases ?? []
  return {
    notice,
    title: titles[kind],
    message,
    rows: rows.map(([label, value]) => [label, printable(value)]),
    table: databases.length === 0 ? null : databaseTable(databases),
  }
}

/** Tools put colours and worse into what they say. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD')
    .replaceAll(directions, '')
}

/** They would show a line in another order than it is read. */
export const directions = /[\u202A-\u202E\u2066-\u2069]/gu
