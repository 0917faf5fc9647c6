interface Parsed {
  readonly recipients: readonly string[]
  /** Whole sentences; a private key is in none of them. */
  readonly mistakes: readonly string[]
}

const sshTypes = ['ssh-ed25519', 'ssh-rsa']

/**
 * Public keys with blanks, commas or new lines between them; what follows an SSH key on its line,
 * up to the next key, is its comment. Each is looked at whole: nobody could open a backup for a key
 * with a typo.
 */
export async function parseRecipients(text: string): Promise<Parsed> {
  const recipients = new Set<string>()
  const mistakes: string[] = []
  for (const line of text.split(/[\r\n,]+/u)) {
    const words = line.split(/\s+/u).filter((word) => word !== '')
    for (const candidate of candidatesIn(words)) {
      const problem = await problemOf(candidate)
      if (problem === null) recipients.add(candidate)
      else mistakes.push(problem)
    }
  }
  if (recipients.size === 0 && mistakes.length === 0) mistakes.push(`It holds no key. ${example}`)
  return { recipients: [...recipients], mistakes }
}

const example = 'Write for example ENCRYPTION_RECIPIENTS=age1….'

/** An SSH key is two words: its type and its bytes. */
function candidatesIn(words: readonly string[]): readonly string[] {
  const found: string[] = []
  let mayBeComment = false
  for (const [at, word] of words.entries()) {
    if (sshTypes.includes(words[at - 1] ?? '')) continue
    const isSsh = sshTypes.includes(word)
    if (!isSsh && mayBeComment && !/^age/iu.test(word)) continue
    found.push(isSsh ? `${word} ${words[at + 1] ?? ''}` : word)
    mayBeComment = isSsh
  }
  return found
}

async function problemOf(key: string): Promise<string | null> {
  if (/^AGE-SECRET-KEY-/iu.test(key)) {
    return 'It holds a private key. Put in the public one (age1…), which "age-keygen -y" shows.'
  }
  if (key.startsWith('ssh-')) return isSshKey(key) ? null : wrong(key, 'no whole SSH public key')
  if (!key.startsWith('age1')) return wrong(key, 'no public key of age or SSH')
  return (await isAgeKey(key)) ? null : wrong(key, 'no age public key: it was changed or cut')
}

function wrong(key: string, what: string): string {
  return `"${key}" is ${what}. Copy it again from where it was made.`
}

/** The name ends at the last 1: of other kinds, such as age1yubikey1…, the library knows nothing. */
async function isAgeKey(key: string): Promise<boolean> {
  if (key.lastIndexOf('1') !== 'age'.length) return false
  const { Encrypter } = await import('age-encryption')
  try {
    new Encrypter().addRecipient(key)
    return true
  } catch {
    return false
  }
}

/** RFC 4253, 6.6: fields with their lengths before them; the first repeats the type. */
function isSshKey(key: string): boolean {
  const [type = '', text = ''] = key.split(' ')
  const bytes = Buffer.from(text, 'base64')
  // Whatever is no base64 was passed over.
  if (withoutPadding(bytes.toString('base64')) !== withoutPadding(text)) return false
  const [first, ...numbers] = fieldsOf(bytes) ?? []
  const lengths = numbers.map(({ length }) => length)
  const isWhole =
    type === 'ssh-ed25519'
      ? lengths.join() === '32'
      : lengths.length === 2 && (lengths[1] ?? 0) >= leastModulusBytes
  return isWhole && first?.toString('latin1') === type
}

/** The program age takes no RSA key below 2048 bits. */
const leastModulusBytes = 256

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/u, '')
}

function fieldsOf(bytes: Buffer): readonly Buffer[] | null {
  const fields: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return null
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}
