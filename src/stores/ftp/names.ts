/** @throws {TypeError} where a path leads out of the root, or could become a second command. */
export function checkPath(path: string): void {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..') || hasControls(path)) {
    throw new TypeError(`Not a path below the root: ${JSON.stringify(path)}`)
  }
}

function hasControls(path: string): boolean {
  return /[\r\n\0]/u.test(path)
}
