import type { EngineName } from '../model/index.ts'
import {
  type ConfEntry,
  type ConfLine,
  type ConfOption,
  isHeader,
  readConfLine,
  readHeader,
  readOptionLine,
} from './conf-line.ts'
import type { Problems } from './problems.ts'
import type { WrittenSpec } from './spec.ts'

/** `backup.conf`, line by line; nothing is compared with anything yet. */
export interface Conf {
  readonly entries: readonly ConfEntry[]
  readonly sections: readonly ConfSection[]
}

/** `[host/database]` and the options below it, to the next header. */
interface ConfSection {
  readonly line: number
  readonly header: WrittenSpec
  readonly options: readonly ConfOption[]
}

/** How to read a file: its name for messages, and the engines that there are. */
export interface Reading {
  readonly path: string
  readonly engines: readonly EngineName[]
  readonly problems: Problems
}

/** Reads the whole file; every mistake is gathered under its `path:line`. */
export function readConf(text: string, { path, engines, problems }: Reading): Conf {
  const lines = linesOf(text)
  const firstHeader = lines.findIndex((line) => isHeader(line.text))
  const [above, below] = firstHeader === -1 ? [lines, []] : cut(lines, firstHeader)
  const at = ({ line }: ConfLine): string => `${path}:${line}`
  const entries = above
    .map((line) => problems.collect(at(line), () => readConfLine(line, engines)))
    .filter((entry) => entry !== null)
  const sections = splitSections(below).map(([head, ...body]) => {
    const header = problems.collect(at(head), () => readHeader(head.text))
    const options = body
      .map((line) => problems.collect(at(line), () => readOptionLine(line)))
      .filter((option) => option !== null)
    return header === null ? null : { line: head.line, header, options }
  })
  return { entries, sections: sections.filter((section) => section !== null) }
}

/** Windows line ends, a byte-order mark and surrounding blanks mean nothing (D-28). */
function linesOf(text: string): ConfLine[] {
  return text
    .replace(/^\u{FEFF}/u, '')
    .split(/\r\n|[\n\r]/u)
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text: words }) => words !== '' && !words.startsWith('#'))
}

/** Each header with the lines to the next one. */
function splitSections(lines: readonly ConfLine[]): [ConfLine, ...ConfLine[]][] {
  const sections: [ConfLine, ...ConfLine[]][] = []
  for (const line of lines) {
    if (isHeader(line.text)) sections.push([line])
    else sections.at(-1)?.push(line)
  }
  return sections
}

function cut<Item>(items: readonly Item[], at: number): [readonly Item[], readonly Item[]] {
  return [items.slice(0, at), items.slice(at)]
}
