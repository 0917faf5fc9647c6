import { mistake } from './problems.ts'

/** One mailbox. */
export interface EmailAddress {
  /** For people; may be empty. */
  readonly name: string
  /** `user@host`, without anything that could end a line or a command of SMTP. */
  readonly address: string
}

const mailbox = /^[\w.!#$%&'*+/=?^`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u

/**
 * One address: `user@host` or `Name <user@host>`.
 * @throws {Refusal} exit status 2; `variable` is where it was written.
 */
export function parseAddress(text: string, variable: string): EmailAddress {
  const parts = /^(?<name>[^<>]*)<(?<address>[^<>]*)>$/u.exec(text.trim())?.groups
  const name = (parts?.['name'] ?? '').trim().replace(/^"(.*)"$/u, '$1')
  const address = (parts?.['address'] ?? text).trim()
  if (mailbox.test(address) && !/[\p{Cc}"\\]/u.test(name)) return { name, address }
  throw mistake(
    `"${text.trim()}" is no e-mail address.`,
    `Write for example ${variable}=ops@example.org.`,
  )
}

/**
 * Addresses with commas, semicolons, line ends or (without names) blanks between; each once.
 * @throws {Refusal} exit status 2.
 */
export function parseAddresses(text: string, variable: string): readonly EmailAddress[] {
  // A comma in a quoted name ends nothing.
  const parts = (text.match(/(?:"[^"\r\n]*"|[^,;\r\n])+/gu) ?? []).flatMap((part) => {
    const words = part.trim()
    return words.includes('<') ? [words] : words.split(/\s+/u)
  })
  const found = new Map<string, EmailAddress>()
  for (const part of parts) {
    if (part === '') continue
    const address = parseAddress(part, variable)
    if (!found.has(address.address)) found.set(address.address, address)
  }
  // Nothing but commas.
  return found.size === 0 ? [parseAddress(text, variable)] : [...found.values()]
}
