import { Secret } from './secret.ts'

const mask = '***'

/**
 * Takes known secrets out of texts. In text of outside tools every one goes, an ordinary one
 * ("backup", "a") where it stands as a word of its own; in our own words only what cannot be there
 * by chance, because there `Secret` already keeps the others out (decision 7).
 */
export class Redactor {
  readonly #values = new Set<string>()
  #ownNames = ''
  #patterns: Patterns | null = null

  /** All values that the variables of an environment betray by their names, or by being URLs. */
  static of(environment: Readonly<Record<string, string | undefined>>): Redactor {
    const redactor = new Redactor()
    redactor.learnVariables(environment)
    return redactor
  }

  learnVariables(environment: Readonly<Record<string, string | undefined>>): void {
    this.learn(...secretsIn(environment))
  }

  learn(...secrets: readonly (Secret | string | null)[]): void {
    for (const secret of secrets) {
      for (const form of formsOf(secret instanceof Secret ? secret.reveal() : (secret ?? ''))) {
        this.#values.add(form)
      }
    }
    this.#patterns = null
  }

  /** Names of our own texts (specs, users, paths): a password that occurs in one is no secret there. */
  spare(...names: readonly string[]): void {
    this.#ownNames += `${names.join('\n')}\n`
    this.#patterns = null
  }

  inOutsideText(text: string): string {
    const { anywhere, asWords } = this.#all()
    return masked(masked(text, anywhere), asWords)
  }

  inOwnText(text: string): string {
    return masked(text, this.#all().inOwn)
  }

  #all(): Patterns {
    this.#patterns ??= patternsOf([...this.#values], this.#ownNames)
    return this.#patterns
  }
}

interface Patterns {
  readonly anywhere: RegExp | null
  readonly asWords: RegExp | null
  readonly inOwn: RegExp | null
}

/** The longest first: of a secret that holds another nothing may stay. */
function patternsOf(values: readonly string[], ownNames: string): Patterns {
  const sorted = values.toSorted((left, right) => right.length - left.length)
  const anywhere = sorted.filter((value) => !isOrdinary(value))
  return {
    anywhere: patternOf(anywhere),
    asWords: patternOf(sorted.filter(isOrdinary), { words: true }),
    inOwn: patternOf(anywhere.filter((value) => !ownNames.includes(value))),
  }
}

function masked(text: string, pattern: RegExp | null): string {
  return pattern === null ? text : text.replaceAll(pattern, mask)
}

function patternOf(values: readonly string[], { words = false } = {}): RegExp | null {
  if (values.length === 0) return null
  const any = values.map((value) => value.replaceAll(/[$()*+.?[\\\]^{|}]/gu, '\\$&')).join('|')
  const letter = String.raw`[\p{L}\p{N}_]`
  return new RegExp(words ? `(?<!${letter})(?:${any})(?!${letter})` : any, 'gu')
}

/** What may well stand in a text that has nothing to do with it: words, numbers, dates, names. */
function isOrdinary(value: string): boolean {
  if (value.length < shortestUnmistakable) return true
  if (value.length >= longestOrdinary) return false
  return /^[\p{L}\p{M} ._/-]+$/u.test(value) || /^[\d :._/-]+$/u.test(value)
}

const shortestUnmistakable = 6
/** Output comes line by line, and so must a secret be found; a shorter line is no secret alone. */
const shortestLine = 4
const longestOrdinary = 20

/** A secret as it is, as tools may quote it, and the lines of one that has several. */
function formsOf(value: string): readonly string[] {
  const lines = value.includes('\n')
    ? value.split('\n').filter((line) => line.trim().length >= shortestLine)
    : []
  const forms = [value, ...lines].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    text.replaceAll("'", "''"),
    ...(text.isWellFormed() ? [encodeURIComponent(text)] : []),
  ])
  return forms.filter((form) => form.trim() !== '')
}

const secretName =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|WEBHOOK_URL(?:_\d)?|WEBHOOK_(?:AUTH_HEADER|EXTRA_HEADERS)|PING(?:_START|_FAIL)?_URL|(?:^|_)KEY|(?:^|_)PASS)$/iu

/** Of variables that hold secrets by their names; of others the password of a URL. */
function secretsIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (secretName.test(name)) return [value]
    const password =
      /^(?:[a-z\d]+:)?[a-z][a-z\d+.-]*:\/\/[^/?#\s:@]*:(?<password>[^/?#\s@]+)@/iu.exec(value)
    return password === null ? [] : passwordForms(password.groups?.['password'] ?? '')
  })
}

function passwordForms(written: string): readonly string[] {
  try {
    return [written, decodeURIComponent(written)]
  } catch (error) {
    if (error instanceof URIError) return [written]
    throw error
  }
}
