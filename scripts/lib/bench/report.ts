import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export interface Row {
  readonly what: string
  readonly figure: string
  /** What it should be, and whether it is; nothing for figures that explain others. */
  readonly target?: { readonly text: string; readonly met: boolean }
}

export function asText(rows: readonly Row[]): string {
  return table(rows.map(cellsOf), '  ')
}

export function asMarkdown(rows: readonly Row[]): string {
  const head = ['What', 'Measured', 'Target', '']
  const escaped = rows.map((row) => cellsOf(row).map((cell) => cell.replaceAll('|', '\\|')))
  const lines = [head, head.map(() => '---'), ...escaped]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function cellsOf({ what, figure, target }: Row): string[] {
  if (target === undefined) return [what, figure, '', '']
  return [what, figure, target.text, target.met ? 'OK' : 'MISSED']
}

function table(lines: readonly string[][], gap: string): string {
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join('\n')
}

/** What the figures depend on; nothing that says whose machine it is. */
export function machine(): string {
  const version = (program: string) =>
    execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? ''
  const memory = Math.round(totalmem() / 2 ** 30)
  return [
    `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${memory} GB memory`,
    `Node.js ${process.version}, ${version('pg_dump')}`,
    version('igzip'),
  ].join('; ')
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`
}

export function spread(values: readonly number[], digits = 2): string {
  return `${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)} s`
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`
}
