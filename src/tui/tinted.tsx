import { Box, Text, type TextProps } from 'ink'
import { createContext, type ReactNode, useContext } from 'react'
import { printable } from './fold.ts'
import type { Line, Tone } from './line.ts'

/** Whether there may be colours; without them there is no escape sequence in any text. */
export const WithColor = createContext(true)

const looks: Readonly<Record<Tone, TextProps>> = {
  good: { color: 'green' },
  bad: { color: 'red' },
  warn: { color: 'yellow' },
  busy: { color: 'cyan' },
  dim: { dimColor: true },
  strong: { bold: true },
  plain: {},
}

interface TintedProps {
  readonly text: string
  readonly tone?: Tone | undefined
  readonly bold?: boolean | undefined
  readonly wrap?: TextProps['wrap'] | undefined
}

/** A text in its tone. */
export function Tinted({ text, tone = 'plain', bold = false, wrap }: TintedProps): ReactNode {
  const color = useContext(WithColor)
  const look = color ? { ...looks[tone], ...(bold ? { bold } : {}) } : {}
  return (
    <Text wrap={wrap ?? 'truncate-end'} {...look}>
      {text === '' ? ' ' : printable(text)}
    </Text>
  )
}

export interface Cell {
  readonly text: string
  /** In columns; null: what the others leave. */
  readonly width: number | null
  readonly tone?: Tone
  readonly wrap?: TextProps['wrap']
}

/** One line of a table. Widths are those of the terminal, whatever characters there are. */
export function TableRow({
  cells,
  mark,
  tone,
}: {
  readonly cells: readonly Cell[]
  readonly mark: boolean
  readonly tone?: Tone
}): ReactNode {
  return (
    <Box height={1} flexShrink={0}>
      <Box width={2} flexShrink={0}>
        <Tinted text={mark ? '>' : ' '} bold={mark} />
      </Box>
      {cells.map(({ text, width, wrap, ...cell }, at) => (
        // The cells of a row have no other name than their place.
        <Box
          // oxlint-disable-next-line react/no-array-index-key
          key={at}
          marginRight={at === cells.length - 1 ? 0 : 1}
          {...(width === null
            ? { flexGrow: 1, flexBasis: 0, minWidth: 0 }
            : { width, flexShrink: 0 })}
        >
          <Tinted text={text} tone={cell.tone ?? tone} bold={mark} wrap={wrap} />
        </Box>
      ))}
    </Box>
  )
}

/** Lines below each other; what does not fit is cut off below, or above with `tail`. */
export function Lines({
  lines,
  tail = false,
  wrap = 'wrap',
}: {
  readonly lines: readonly Line[]
  readonly tail?: boolean
  readonly wrap?: TextProps['wrap']
}): ReactNode {
  return (
    <Box
      flexDirection="column"
      flexGrow={1}
      flexShrink={1}
      overflow="hidden"
      justifyContent={tail ? 'flex-end' : 'flex-start'}
    >
      {lines.map(({ text, tone }, at) => (
        // oxlint-disable-next-line react/no-array-index-key
        <Box key={at} flexShrink={0}>
          <Tinted text={text} tone={tone} wrap={wrap} />
        </Box>
      ))}
    </Box>
  )
}
