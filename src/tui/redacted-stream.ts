/** The same terminal, but that no text leaves by it with a secret in it. */
export function redactedStream(
  stream: NodeJS.WriteStream,
  redacted: (text: string) => string,
): NodeJS.WriteStream {
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') {
        return (text: string | Uint8Array, ...rest: readonly never[]) =>
          target.write(typeof text === 'string' ? redacted(text) : text, ...rest)
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
