/** Settings whose value is a list of names; each of them is quoted for itself. */
const lists: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

/** `name=value` of `pg_db_role_setting`, as the name and the values to set it to. */
export function readSetting(setting: string): {
  readonly name: string
  readonly values: readonly string[]
} {
  const at = setting.indexOf('=')
  const name = setting.slice(0, at)
  const value = setting.slice(at + 1)
  return { name, values: lists.has(name.toLowerCase()) ? listed(value) : [value] }
}

/** `"$user", public` as its names. */
function listed(value: string): readonly string[] {
  const names = [...value.matchAll(/"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^,\s]+)/gu)].map(
    ({ groups }) => groups?.['quoted']?.replaceAll('""', '"') ?? groups?.['plain'] ?? '',
  )
  return names.length === 0 ? [''] : names
}
