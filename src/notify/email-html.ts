import type { NoticeLevel } from '../model/index.ts'
import type { Content } from './email-content.ts'

const colours = { INFO: '#2e7d32', WARN: '#b26a00', ERROR: '#b3261e' } as const satisfies Record<
  NoticeLevel,
  string
>

const font = 'font-family: sans-serif; font-size: 14px; color: #202020'
const cell = 'padding: 4px 12px 4px 0; text-align: left; vertical-align: top'
const asWritten = 'white-space: pre-wrap; overflow-wrap: anywhere'

/** The e-mail as a page: nothing is loaded, and all that comes from elsewhere is escaped. */
export function htmlOf({ notice, title, message, rows, table }: Content): string {
  const colour = colours[notice.level]
  const figures = rows.map(
    ([label, value]) =>
      `<tr><th style="${cell}; font-weight: normal; color: #606060">${escaped(label)}</th><td style="${cell}; ${asWritten}">${escaped(value)}</td></tr>`,
  )
  return [
    `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>`,
    `<body style="${font}">`,
    `<h1 style="font-size: 18px; color: ${colour}; border-left: 4px solid ${colour}; padding-left: 8px">${escaped(title)}</h1>`,
    `<p style="${asWritten}">${escaped(message)}</p>`,
    ...(table === null ? [] : [tableOf(table)]),
    '<table style="border-collapse: collapse">',
    ...figures,
    '</table>',
    '</body></html>',
    '',
  ].join('\n')
}

function tableOf({ heading, rows }: NonNullable<Content['table']>): string {
  const border = 'border-bottom: 1px solid #d0d0d0'
  const line = ({ ok, cells }: (typeof rows)[number]): string => {
    const colour = ok ? '' : `; color: ${colours.ERROR}`
    const each = cells.map(
      (text) => `<td style="${cell}; ${border}${colour}">${escaped(text)}</td>`,
    )
    return `<tr>${each.join('')}</tr>`
  }
  return [
    '<table style="border-collapse: collapse; margin-bottom: 16px">',
    `<tr>${heading.map((name) => `<th style="${cell}; ${border}">${escaped(name)}</th>`).join('')}</tr>`,
    ...rows.map(line),
    '</table>',
  ].join('\n')
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => entities[character as keyof typeof entities])
}
