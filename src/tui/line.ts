export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'dim' | 'strong' | 'plain'

/** One line of a text. */
export interface Line {
  readonly text: string
  readonly tone: Tone
}

export function line(text = '', tone: Tone = 'plain'): Line {
  return { text, tone }
}
