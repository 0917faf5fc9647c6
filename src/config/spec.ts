import { type DatabaseSpec, type EngineName, engineNames } from '../model/index.ts'
import { closestWord } from './closest-word.ts'
import { hostOf, printHost } from './host.ts'
import { mistake } from './problems.ts'

/** What is filled in where a spec says nothing. */
export interface SpecDefaults {
  readonly engine: EngineName
  /** Of PostgreSQL; the other engines have their own well-known ports. */
  readonly port: number
}

/** `[<type>=]<host>[:<port>]/<database>[?<options>]` as far as it was written; null was left out. */
export interface WrittenSpec {
  readonly engine: EngineName | null
  readonly host: string
  readonly port: number | null
  readonly database: string
  readonly options: readonly (readonly [key: string, value: string])[]
  readonly written: string
}

const form = 'host/database or postgres=host:port/database'

/**
 * The database that a spec on the command line names, with defaults filled in.
 * @throws Refusal, exit status 2, when it is no spec.
 */
export function parseSpec(text: string, defaults: SpecDefaults): DatabaseSpec {
  const spec = readSpec(text)
  if (spec.options.length === 0) return withDefaults(spec, defaults)
  throw mistake('A spec on the command line has no options.', `Write only ${spec.written}.`)
}

/** @throws Refusal, exit status 2, that says what is wrong and what to write. */
export function readSpec(text: string): WrittenSpec {
  const line = text.trim()
  const { word, rest } = splitType(line)
  const engine = word === null ? null : requireEngine(word)
  const [location, query] = splitAt(rest, '?')
  refuseCredentials(location)
  const [place, name] = splitAt(location, '/')
  if (name === null || name === '') {
    throw mistake(`"${location}" names no database.`, `Write ${form}.`)
  }
  if (name.includes('/')) {
    const encoded = name.replaceAll('/', '%2F')
    throw mistake(
      'It has a second "/", so where the name of the database begins cannot be told.',
      `If it belongs to the name, write ${place}/${encoded}.`,
    )
  }
  refuseBlankBeforeOption(place, name)
  return {
    engine,
    ...readPlace(place),
    database: decoded(name),
    options: query === null ? [] : readQuery(query),
    written: line.slice(0, line.length - (query === null ? 0 : query.length + 1)).trim(),
  }
}

/** Names may have blanks, but hardly one and then `key=value`. */
function refuseBlankBeforeOption(place: string, name: string): void {
  const [, before, option] = /^(.*?)\s+([a-z]\w*=.*)$/iu.exec(name) ?? []
  if (before === undefined || option === undefined) return
  throw mistake(
    `Its name seems to be followed by an option after a blank: "${option}".`,
    `Options follow a "?": ${place}/${before}?${option}. If it belongs to the name, write %3D for the "=".`,
  )
}

/** The words of a spec that `readSpec` understands, percent-encoded where it must be. */
export function printSpec({
  engine,
  host,
  port,
  database,
}: Omit<WrittenSpec, 'options' | 'written'>): string {
  const type = engine === null ? '' : `${engine}=`
  const suffix = port === null ? '' : `:${port}`
  return `${type}${printHost(host)}${suffix}/${encodeURIComponent(database)}`
}

export function withDefaults(spec: WrittenSpec, defaults: SpecDefaults): DatabaseSpec {
  const { host, database, written } = spec
  const engine = spec.engine ?? defaults.engine
  return { engine, host, port: spec.port ?? portOf(engine, defaults), database, written }
}

/** Whether `spec` is what `wanted` means; a type or port that was left out fits any. */
export function means(wanted: WrittenSpec, spec: DatabaseSpec): boolean {
  return (
    wanted.host.toLowerCase() === spec.host.toLowerCase() &&
    wanted.database === spec.database &&
    (wanted.engine ?? spec.engine) === spec.engine &&
    (wanted.port ?? spec.port) === spec.port
  )
}

/** `postgres=…`: the word before the first `=`, unless that `=` is part of what follows a host. */
export function splitType(text: string): { word: string | null; rest: string } {
  const parts = /^(?<word>[^=/:?[\]]*)=(?<rest>.*)$/su.exec(text)?.groups
  if (parts === undefined) return { word: null, rest: text.trim() }
  return { word: (parts['word'] ?? '').trim(), rest: (parts['rest'] ?? '').trim() }
}

/** The engine of a type word in any case; null when it is none. */
export function engineNamed(word: string): EngineName | null {
  const name = word.toLowerCase()
  return name === 'postgresql' ? 'postgres' : (engineNames.find((known) => known === name) ?? null)
}

function requireEngine(word: string): EngineName {
  const engine = engineNamed(word)
  if (engine !== null) return engine
  const meant = closestWord(word, engineNames)
  throw mistake(
    `"${word}" is no type of database.`,
    meant === null ? `Types are ${engineNames.join(', ')}.` : `Did you mean ${meant}?`,
  )
}

/** Says nothing of the text itself: it may hold a password. */
function refuseCredentials(location: string): void {
  const beforeName = location.slice(0, Math.max(0, location.lastIndexOf('/')))
  if (!beforeName.includes('@') && !/^\w+:\/\//u.test(location)) return
  throw mistake(
    'It looks like an address with a user or password, or like a URL.',
    `Write ${form}, and set <HOST>_USER and <HOST>_PASSWORD.`,
  )
}

function readPlace(place: string): { host: string; port: number | null } {
  const parts = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>.*))?$/su.exec(place)?.groups
  const written = parts?.['host'] ?? place
  const portText = parts?.['port']
  if (portText?.includes(':') === true) {
    throw mistake('It has more than one ":".', `Write an IPv6 address in brackets: [::1]:5432/db.`)
  }
  if (written === '') throw mistake('It names no host.', `Write ${form}.`)
  const host = hostOf(written)
  if (host === null) {
    throw mistake(
      `"${written}" is no host.`,
      'A host is a name of letters, digits, ".", "-" and "_", an IPv4 address, or [IPv6].',
    )
  }
  return { host, port: portText === undefined ? null : readPort(portText) }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw mistake(
    text === '' ? 'The port after ":" is missing.' : 'What follows the ":" is no port.',
    'Write a number from 1 to 65535, or leave out the ":".',
  )
}

/** `key=value&key=value`, percent-encoded. */
function readQuery(query: string): [string, string][] {
  return query.split('&').map((pair) => {
    const [key, value] = splitAt(pair, '=')
    if (key !== '' && value !== null && value !== '') return [decoded(key), decoded(value)]
    throw mistake(`The options after "?" are not complete.`, 'Write them as ?key=value&key=value.')
  })
}

function decoded(text: string): string {
  const plain = percentDecoded(text)
  if (plain?.isWellFormed() !== true) {
    throw mistake(
      'A "%" is not followed by the two digits of a percent-encoded byte of UTF-8.',
      'Write a percent sign itself as %25.',
    )
  }
  if (!plain.includes('\0')) return plain
  throw mistake('It has a zero byte, which no name can hold.', 'Leave it out.')
}

function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function splitAt(text: string, sign: string): [string, string | null] {
  const at = text.indexOf(sign)
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

const wellKnownPorts = { mariadb: 3306, mysql: 3306, mongo: 27_017, mssql: 1433 } as const

function portOf(engine: EngineName, defaults: SpecDefaults): number {
  return engine === 'postgres' ? defaults.port : wellKnownPorts[engine]
}
