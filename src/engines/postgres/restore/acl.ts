/** One entry of a database's grants. */
export interface Grant {
  /** null: everybody. */
  readonly grantee: string | null
  readonly privileges: readonly { readonly name: string; readonly grantable: boolean }[]
}

const privilegeNames: Readonly<Record<string, string>> = {
  C: 'CREATE',
  T: 'TEMPORARY',
  c: 'CONNECT',
}

/** The grants of a database as the server writes them: `{=Tc/alice,"\"a b\"=C*Tc/alice"}`. */
export function parseAcl(acl: string): readonly Grant[] {
  return elementsOf(acl).flatMap((element) => {
    const item = /^(?<grantee>"(?:[^"]|"")*"|[^=]*)=(?<letters>[A-Za-z*]*)\//u.exec(element)?.groups
    if (item === undefined) return []
    return [
      { grantee: roleOf(item['grantee'] ?? ''), privileges: privilegesOf(item['letters'] ?? '') },
    ]
  })
}

/** The elements of an array of texts, as the server writes it. */
function elementsOf(array: string): readonly string[] {
  const found = array.slice(1, -1).matchAll(/"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^,]+)/gu)
  return [...found].map(({ groups }) =>
    groups?.['quoted'] === undefined
      ? (groups?.['plain'] ?? '')
      : groups['quoted'].replaceAll(/\\(.)/gu, '$1'),
  )
}

function roleOf(written: string): string | null {
  if (written === '') return null
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written
}

function privilegesOf(letters: string): Grant['privileges'] {
  return [...letters.matchAll(/(?<letter>[A-Za-z])(?<star>\*?)/gu)].flatMap(({ groups }) => {
    const name = privilegeNames[groups?.['letter'] ?? '']
    return name === undefined ? [] : [{ name, grantable: groups?.['star'] === '*' }]
  })
}
