import type { Notice } from '../../model/index.ts'

/** The same notice, without the secrets that errors and tools may have put into its words. */
export function withoutSecrets(notice: Notice, redacted: (text: string) => string): Notice {
  const { message, figures } = notice
  return {
    ...notice,
    message: redacted(message),
    figures: cleaned(figures, redacted) as Notice['figures'],
  }
}

function cleaned(value: unknown, redacted: (text: string) => string): unknown {
  if (typeof value === 'string') return redacted(value)
  if (Array.isArray(value)) return value.map((item) => cleaned(item, redacted))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, cleaned(inner, redacted)]),
  )
}
