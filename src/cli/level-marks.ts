export type Level = 'info' | 'warn' | 'error'

/** By the mark that a line of text begins with; `fallback` without one. */
export function levelOf(line: string, fallback: Level): Level {
  if (line.startsWith('[!!ERROR!!]')) return 'error'
  return line.startsWith('[WARN]') ? 'warn' : fallback
}

/** A text whose lines have no such marks, for where the level stands beside it. */
export function withoutLevel(text: string): string {
  return text.replaceAll(/^\[(?:!!ERROR!!|WARN)\] - /gmu, '')
}
